// Writes docs/figures.md from docs/figures.json. `npm run bench -- NAME --keep` fills the JSON
// file.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';

type Row = Readonly<Record<string, unknown>>;
/** The figures of one benchmark. */
export interface BenchFigures {
  readonly measuredOn: string;
  readonly machine: string;
  readonly rows: readonly Row[];
}
/** The figures of all benchmarks, by name. */
export type Figures = Readonly<Record<string, BenchFigures>>;

const FOLDER = join(import.meta.dirname, '..', 'docs');
const [DATA, PAGE] = [join(FOLDER, 'figures.json'), join(FOLDER, 'figures.md')];

/** Reads the saved figures; empty when there is no file. */
export const readFigures = (): Figures =>
  existsSync(DATA) ? (JSON.parse(readFileSync(DATA, 'utf8')) as Figures) : {};
/** Reads the generated page. */
export const readFiguresPage = (): string => readFileSync(PAGE, 'utf8');

/**
 * Saves new figures of a benchmark over its older figures. With `keys`, replaces only the rows with
 * the same keys.
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
    Object.entries({ ...readFigures(), [bench]: saved }).sort(([first], [second]) =>
      first < second ? -1 : 1,
    ),
  );
  writeFileSync(DATA, `${JSON.stringify(figures, undefined, 2)}\n`);
  writeFileSync(PAGE, renderFigures(figures));
}

/** The page with the figures. */
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

/**
 * Swaps rows and columns when there are few rows with many figures, because this is easier to read.
 */
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
