// Plays mutants: each named test passes on the unchanged source, and must fail on the mutant.
import { copyProject, type ProjectCopy, type TestRun } from './project-copy.ts';
import type { Mutant, NamedTest } from './mutant.ts';

export interface Verdict {
  readonly mutant: Mutant;
  readonly outcome: 'killed' | 'survived' | 'equivalent' | 'broken';
  readonly reason: string;
}

/** Reports each result at once. */
export async function testMutants(
  mutants: readonly Mutant[],
  workers: number,
  report: (verdict: Verdict) => void = () => undefined,
): Promise<Verdict[]> {
  const left = [...mutants];
  const verdicts: Verdict[] = [];
  const unmutated = new Map<string, Promise<TestRun>>();
  const work = async (): Promise<void> => {
    const copy = copyProject();
    try {
      for (let mutant = left.shift(); mutant; mutant = left.shift()) {
        const verdict = await testMutant(copy, mutant, unmutated);
        verdicts.push(verdict);
        report(verdict);
      }
    } finally {
      copy.remove();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, mutants.length) }, work));
  return verdicts;
}

async function testMutant(
  copy: ProjectCopy,
  mutant: Mutant,
  unmutated: Map<string, Promise<TestRun>>,
): Promise<Verdict> {
  if (mutant.equivalent !== undefined) return { mutant, outcome: 'equivalent', reason: mutant.equivalent };
  const before = await runUnmutated(copy, mutant.test, unmutated);
  if (before.outcome !== 'passed')
    return {
      mutant,
      outcome: 'broken',
      reason: `Without the mutation its test does not pass. ${before.reason}`,
    };
  const { outcome, reason } = await copy.run(mutant.test, mutant);
  if (outcome === 'passed')
    return { mutant, outcome: 'survived', reason: `${mutant.reason} No test sees that.` };
  if (outcome === 'broken') return { mutant, outcome: 'broken', reason };
  if (outcome === 'timedOut' && !mutant.mayTimeOut)
    return { mutant, outcome: 'survived', reason: `Its test only ran out of time. ${reason}` };
  return { mutant, outcome: 'killed', reason };
}

/** Runs the test alone, as the mutant run does: a test that depends on earlier tests proves nothing. */
function runUnmutated(
  copy: ProjectCopy,
  test: NamedTest,
  known: Map<string, Promise<TestRun>>,
): Promise<TestRun> {
  const key = `${test.file}\n${test.name}`;
  const run = known.get(key) ?? copy.run(test);
  known.set(key, run);
  return run;
}
