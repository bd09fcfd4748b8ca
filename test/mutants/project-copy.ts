// A copy of the project in a temporary folder. The mutants exist only there, so a killed run leaves
// the checkout unchanged.
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './check-table.ts';
import { startsTheApp, type NamedTest } from './mutant.ts';
import { mutate, type Mutation } from '../support/mutant.ts';

export interface TestRun {
  readonly outcome: 'passed' | 'failed' | 'timedOut' | 'broken';
  /** The first line of the failure, or the reason why the test could not run. */
  readonly reason: string;
}

export interface ProjectCopy {
  /** Runs one test, with the mutation if present. */
  run(test: NamedTest, mutation?: Mutation): Promise<TestRun>;
  remove(): void;
}

const EXCLUDED_NAMES = new Set(['node_modules', 'dist', '.git', '.simulator']);
/** For tests in one process: the run builds nothing and keeps everything inside the copy. */
const CONFIG_WITHOUT_BUILD =
  "import config from './jest.config.js';\nexport default { ...config, globalSetup: " +
  'undefined, globalTeardown: undefined };\n';
const MAX_SECONDS = 400;

/** The copies that exist while mutants run. */
const roots = new Set<string>();
const running = new Set<number>();

const remove = (root: string): void => {
  rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  roots.delete(root);
};

/**
 * Ends all tests when a person stops the run: the tests have their own process groups and would
 * continue.
 */
export function killAll(): void {
  for (const group of running) killGroup(group);
  for (const root of [...roots]) remove(root);
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // The process has ended by itself.
  }
}

export function copyProject(): ProjectCopy {
  const root = mkdtempSync(join(tmpdir(), 'lifeboat-mutants-'));
  roots.add(root);
  for (const name of readdirSync(ROOT))
    if (!EXCLUDED_NAMES.has(name)) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'tmp'));
  writeFileSync(join(root, 'jest.unbuilt.config.js'), CONFIG_WITHOUT_BUILD);
  return {
    async run(test, mutation) {
      if (!mutation) return runTest(root, test);
      const path = join(root, mutation.file);
      const source = readFileSync(path, 'utf8');
      writeFileSync(path, mutate(source, mutation));
      try {
        return await runTest(root, test);
      } finally {
        writeFileSync(path, source);
      }
    },
    remove: () => remove(root),
  };
}

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

async function runTest(root: string, test: NamedTest): Promise<TestRun> {
  const file = join(root, 'tmp', 'report.json');
  rmSync(file, { force: true });
  const config = startsTheApp(test) ? 'jest.config.js' : 'jest.unbuilt.config.js';
  const pattern = test.name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const hasEnded = await runJest(root, [
    '--config',
    config,
    '-i',
    '--json',
    '--outputFile',
    file,
    '--testNamePattern',
    pattern,
    '--runTestsByPath',
    test.file,
  ]);
  if (!hasEnded) return { outcome: 'timedOut', reason: `It was not over after ${MAX_SECONDS} s.` };
  return testRunOf(readReport(file), test);
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}

function testRunOf(report: Report | undefined, { file, name }: NamedTest): TestRun {
  const results = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
  if (results.length === 0)
    return {
      outcome: 'broken',
      reason: `${file} could not be run: ${firstLine(report?.testResults[0]?.message ?? 'jest left no report')}`,
    };
  const named = results.filter(({ fullName }) => fullName.includes(name));
  const [test] = named;
  if (!test || named.length > 1)
    return {
      outcome: 'broken',
      reason: `${named.length} tests in ${file} are named ${JSON.stringify(name)}, and there must be one.`,
    };
  if (test.status === 'passed') return { outcome: 'passed', reason: '' };
  const reason = firstLine(test.failureMessages.join('\n'));
  return { outcome: /Exceeded timeout of/.test(reason) ? 'timedOut' : 'failed', reason };
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
/** The expected and the received value, in one line. */
function firstLine(message: string): string {
  const lines = message
    .replaceAll(ESCAPES, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '));
  return lines.slice(0, 3).join(' ').slice(0, 160);
}

/** Returns false when the run had to end the process. */
function runJest(root: string, args: readonly string[]): Promise<boolean> {
  const env = {
    ...process.env,
    TMPDIR: join(root, 'tmp'),
    NODE_COMPILE_CACHE: join(root, 'tmp', 'compiled'),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...args], {
      cwd: root,
      env,
      stdio: 'ignore',
      detached: true,
    });
    const group = child.pid ?? 0;
    let isKilled = false;
    const timer = setTimeout(() => {
      isKilled = true;
      killGroup(group);
    }, MAX_SECONDS * 1000);
    child.once('error', reject);
    if (group !== 0) running.add(group);
    child.once('exit', () => {
      clearTimeout(timer);
      running.delete(group);
      resolve(!isKilled);
    });
  });
}
