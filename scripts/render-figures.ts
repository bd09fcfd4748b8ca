// Writes docs/figures.md from docs/figures.json, which `npm run bench -- NAME --keep` fills.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';

type Row = Readonly<Record<string, unknown>>;
export interface BenchFigures {
  readonly measuredOn: string;
  readonly machine: string;
  readonly rows: readonly Row[];
}
export type Figures = Readonly<Record<string, BenchFigures>>;

const FOLDER = join(import.meta.dirname, '..', 'docs');
const [DATA, PAGE] = [join(FOLDER, 'figures.json'), join(FOLDER, 'figures.md')];

export const readFigures = (): Figures =>
  existsSync(DATA) ? (JSON.parse(readFileSync(DATA, 'utf8')) as Figures) : {};
export const readFiguresPage = (): string => readFileSync(PAGE, 'utf8');

/**
 * What is measured again takes the place of its older figures: all of a benchmark's, or where its
 * rows can be told by these keys, those rows.
 */
export function saveFigures(bench: string, measured: readonly Row[], keys: readonly string[] = []): void {
  const idOf = (row: Row): string => JSON.stringify(keys.map((key) => row[key]));
  const previousRows = readFigures()[bench]?.rows ?? [];
  const rows =
    keys.length === 0
      ? measured
      : [...new Map([...previousRows, ...measured].map((row) => [idOf(row), row])).values()];
  const saved: BenchFigures = {
    measuredOn: new Date().toISOString().slice(0, 10),
    machine:
      `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ` +
      process.versions.node,
    rows,
  };
  const figures = Object.fromEntries(
    Object.entries({ ...readFigures(), [bench]: saved }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  writeFileSync(DATA, `${JSON.stringify(figures, undefined, 2)}\n`);
  writeFileSync(PAGE, renderFigures(figures));
}

export function renderFigures(figures: Figures): string {
  const parts = Object.entries(figures).map(
    ([bench, { measuredOn, machine, rows }]) =>
      `## ${bench}\n\n\`npm run bench -- ${bench}\`, ${measuredOn}, ${machine}.\n\n${tableOf(rows)}\n`,
  );
  return (
    `# Figures\n\nThe benchmarks measure in the simulator and write this page ` +
    `(\`npm run bench -- NAME --keep\`). The head of each file in \`test/bench/\` says what it ` +
    `measures. Ratios say more than milliseconds: both sides of a ratio ran side by side. ` +
    `Seconds of \`plan\` are simulated time, except \`wallSeconds\`.\n\n${parts.join('\n')}`
  );
}

/** Few rows of many figures are easier to read lying down. */
function tableOf(rows: readonly Row[]): string {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const uprightCells = [keys, ...rows.map((row) => keys.map((key) => textOf(row[key])))];
  const lines =
    keys.length > rows.length
      ? keys.map((_key, column) => uprightCells.map((line) => line[column] ?? ''))
      : uprightCells;
  const [head = [], ...body] = lines.map((line) => `| ${line.join(' | ')} |`);
  return [head, `|${'---|'.repeat(lines[0]?.length ?? 0)}`, ...body].join('\n');
}

const textOf = (value: unknown): string =>
  value === undefined || value === null
    ? ''
    : typeof value === 'string'
      ? value.replaceAll('|', '\\|')
      : JSON.stringify(value);

if (import.meta.main) writeFileSync(PAGE, renderFigures(readFigures()));
