import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compare } from './compare.ts';
import { measureHop } from './hop.ts';
import { type Load, startLoad } from './load.ts';
import { measurePipeline } from './pipeline.ts';
import { writeReadme } from './readme.ts';
import { comparisonText, hopText, machineText, pipelineText, startText, steadyText, thisMachine } from './report.ts';
import { measureStart } from './start-time.ts';
import { measureSteadyFleet } from './steady-fleet.ts';

const usage = `npm run bench [-- --quick] [-- --only single|batch|pipeline|rss|start|hop] [-- --json FILE] [-- --readme]

Measures what a sample costs: the ingest function beside a bare node:http server that parses and forgets, the whole
pipeline, its memory, the time to start, and the local hop. About five minutes; --quick gives rough figures in 40 s.
--readme puts what was printed into README.md.`;

/** How much of each; the quick ones are for seeing that nothing broke, not for quoting. */
const full = { rounds: 6, roundMs: 2_500, pipelineRounds: 3, pipelineRequests: 500, steadyS: 60, starts: 5, hopS: 5 };
const quick = { rounds: 5, roundMs: 350, pipelineRounds: 2, pipelineRequests: 100, steadyS: 10, starts: 2, hopS: 1 };
type Plan = typeof full;

/** The parts in the order they are printed. */
const parts = {
  single: async (load: Load, plan: Plan) => {
    const result = await compare(load, { ...plan, eventsPerRequest: 1, connections: 32 });
    return { result, text: comparisonText(result) };
  },
  batch: async (load: Load, plan: Plan) => {
    const result = await compare(load, { ...plan, eventsPerRequest: 100, connections: 8 });
    return { result, text: comparisonText(result) };
  },
  pipeline: async (load: Load, plan: Plan) => {
    const result = await measurePipeline(load, plan.pipelineRounds, plan.pipelineRequests);
    return { result, text: pipelineText(result) };
  },
  rss: async (load: Load, plan: Plan) => {
    const result = await measureSteadyFleet(load, plan.steadyS);
    return { result, text: steadyText(result) };
  },
  start: async (_: Load, plan: Plan) => {
    const result = await measureStart(plan.starts);
    return { result, text: startText(result) };
  },
  hop: async (_: Load, plan: Plan) => {
    const result = await measureHop(plan.rounds, plan.hopS);
    return { result, text: hopText(result) };
  },
};

const { only, json, readme, quick: isQuick } = options();
const machine = thisMachine(Date.now());
console.log(machineText(machine));
const printed = [machineText(machine)];
const load = startLoad();
const results: Record<string, unknown> = { machine };
for (const [name, measure] of Object.entries(parts)) {
  if (only !== undefined && only !== name) continue;
  const { result, text } = await measure(load, isQuick ? quick : full);
  results[name] = result;
  console.log(`\n${text}`);
  printed.push(text);
}
load.stop();
if (readme) writeReadme(printed);
if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
process.channel?.unref();

/** The options, or the usage on stderr and exit code 64 (EX_USAGE of sysexits.h). */
function options() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        json: { type: 'string' },
        readme: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    if (values.only !== undefined && !Object.hasOwn(parts, values.only)) {
      throw new Error(`--only takes ${Object.keys(parts).join(', ')}`);
    }
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(64);
  }
}
