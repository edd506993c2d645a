#!/usr/bin/env node
// `npx fleet …`: the words after it are all the command's own.
process.argv.splice(2, 0, 'fleet');
await import('../entry.js');
