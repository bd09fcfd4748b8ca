// Plays mutants: each named test passes as the source is, and must fail on the mutant.
import { copyOfProject, type Copy, type TestRun } from './copy.ts';
import type { Mutant, NamedTest } from './mutant.ts';

export interface Verdict {
  readonly mutant: Mutant;
  readonly is: 'killed' | 'survived' | 'equivalent' | 'broken';
  readonly why: string;
}

/** Tells of each as soon as it is known. */
export async function play(
  mutants: readonly Mutant[],
  workers: number,
  tell: (verdict: Verdict) => void = () => undefined,
): Promise<Verdict[]> {
  const left = [...mutants];
  const verdicts: Verdict[] = [];
  const unmutated = new Map<string, Promise<TestRun>>();
  const work = async (): Promise<void> => {
    const copy = copyOfProject();
    try {
      for (let mutant = left.shift(); mutant; mutant = left.shift()) {
        const verdict = await judge(copy, mutant, unmutated);
        verdicts.push(verdict);
        tell(verdict);
      }
    } finally {
      copy.remove();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, mutants.length) }, work));
  return verdicts;
}

async function judge(copy: Copy, mutant: Mutant, unmutated: Map<string, Promise<TestRun>>): Promise<Verdict> {
  if (mutant.equivalent !== undefined) return { mutant, is: 'equivalent', why: mutant.equivalent };
  const before = await once(copy, mutant.test, unmutated);
  if (before.outcome !== 'passed')
    return { mutant, is: 'broken', why: `Without the mutation its test does not pass. ${before.why}` };
  const { outcome, why } = await copy.run(mutant.test, mutant);
  if (outcome === 'passed') return { mutant, is: 'survived', why: `${mutant.why} No test sees that.` };
  if (outcome === 'broken') return { mutant, is: 'broken', why };
  if (outcome === 'timedOut' && !mutant.mayTimeOut)
    return { mutant, is: 'survived', why: `Its test only ran out of time. ${why}` };
  return { mutant, is: 'killed', why };
}

/** Alone, as it is then run on the mutant: a test that leans on the ones before it proves nothing. */
function once(copy: Copy, test: NamedTest, known: Map<string, Promise<TestRun>>): Promise<TestRun> {
  const key = `${test.file}\n${test.name}`;
  const run = known.get(key) ?? copy.run(test);
  known.set(key, run);
  return run;
}
