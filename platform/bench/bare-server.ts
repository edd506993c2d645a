import { createServer } from 'node:http';

/** The yardstick: reads the body, parses it, answers 202. Nothing less could be called an ingest endpoint. */
const answer = JSON.stringify({ accepted: 1 });

process.on('disconnect', () => process.exit(0));

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method === 'POST') JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(202, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
