// `npm run bench -- wire`: measures one part, and prints figures. Without a name: all parts.
import { existsSync } from 'node:fs';

const PARTS = ['wire', 'load', 'cut', 'panel', 'estimates', 'host'];

const named = process.argv.slice(2);
for (const name of named.length > 0 ? named : PARTS) {
  const file = new URL(`${name}.ts`, import.meta.url);
  if (!/^[a-z]+$/.test(name) || !existsSync(file)) {
    process.stderr.write(`There is no benchmark ${name}; there are ${PARTS.join(', ')}.\n`);
    process.exit(2);
  }
  const { run } = (await import(file.href)) as { run: () => Promise<void> };
  await run();
}
