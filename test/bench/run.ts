// `npm run bench -- NAME [--json] [--quick] [--keep]` prints a table for people, or one JSON object
// for programs. With --keep the result goes to docs/figures.md.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from '../../scripts/build-app.ts';
import { saveFigures } from '../../scripts/render-figures.ts';

interface Bench {
  readonly name: string;
  /** The columns that identify a row when a run measures only some rows. */
  readonly keys?: readonly string[];
  readonly bench: (options: { readonly quick: boolean }) => Promise<Record<string, unknown>[]>;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.replace(/\.ts$/, ''));
const [name = ''] = positionals;
const file = join(import.meta.dirname, `${name}.ts`);
if (!known.includes(name) || !existsSync(file)) {
  console.error(
    `npm run bench -- NAME [--json] [--quick] [--keep], where NAME is one of: ${known.join(', ')}`,
  );
  process.exit(2);
}
await buildApp();
const { bench, keys } = (await import(file)) as Bench;
const rows = await bench({ quick: values.quick });
if (values.keep) saveFigures(name, rows, keys);
if (values.json) process.stdout.write(`${JSON.stringify({ bench: name, rows })}\n`);
else console.table(rows);
