import { parseArgs } from 'node:util';
import { applyFleet } from './apply.ts';
import { clusterName, createCluster, deleteCluster, installPlatform } from './create.ts';
import { buildAndImport, imageName } from './image.ts';
import { ClusterError } from './run.ts';
import { showAddresses, showStatus } from './status.ts';
import { checkTools } from './tools.ts';

const usage = `usage: npm run cluster:up     [-- --folder platform/k3d/overlays/production]   a k3d cluster with all of it
       npm run cluster:apply  -- --image NAME:TAG [--folder …]   on the cluster that KUBECONFIG names
       npm run cluster:status
       npm run cluster:down`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { image: { type: 'string' }, folder: { type: 'string', default: 'platform/k3d/base' } },
});

const commands: Record<string, () => Promise<void>> = {
  async up() {
    checkTools(['docker', 'k3d', 'kubectl']);
    const image = imageName(Date.now());
    await createCluster();
    await installPlatform();
    await buildAndImport(image, clusterName);
    await applyFleet({ image, folder: values.folder });
    showAddresses();
  },
  async apply() {
    checkTools(['kubectl']);
    if (values.image === undefined) throw new ClusterError(`--image is missing\n${usage}`);
    await applyFleet({ image: values.image, folder: values.folder });
    showAddresses();
  },
  async status() {
    checkTools(['kubectl']);
    if (!(await showStatus())) process.exitCode = 1;
  },
  async down() {
    checkTools(['docker', 'k3d']);
    await deleteCluster();
  },
};

try {
  const command = commands[positionals[0] ?? ''];
  if (!command || positionals.length > 1) throw new ClusterError(usage);
  await command();
} catch (error) {
  if (!(error instanceof ClusterError)) throw error;
  process.stderr.write(`cluster: ${error.message}\n`);
  process.exitCode = 1;
}
