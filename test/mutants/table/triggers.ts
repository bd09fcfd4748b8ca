// Mutants of triggers: how they start the orchestration of a job.
import type { Mutant } from '../mutant.ts';

const FILE = 'functions/startOrchestration.ts';
const TEST = 'test/functions/startOrchestration.test.ts';

export const triggers: readonly Mutant[] = [
  {
    id: 'a failed start counts as done',
    file: FILE,
    find: "!== 'alive') throw error;",
    replace: "!== 'alive') return;",
    reason: 'The sweep would count a job as started although no orchestration runs it.',
    test: { file: TEST, name: 'a failed start is no error when another trigger' },
  },
  {
    id: 'a trigger starts an ended job',
    file: FILE,
    find: "if (job.state === 'accepted') ",
    replace: '',
    reason: 'The same command again would start an orchestration for an ended job.',
    test: { file: TEST, name: 'a trigger starts an accepted job, and only' },
  },
  {
    id: 'a trigger fails when the start fails',
    file: FILE,
    find: 'context.warn(`Job ${job.jobId} is left to the sweep: ${String(error)}`),',
    replace: 'Promise.reject(error as Error),',
    reason: 'A caller would get an error for an accepted job that the sweep will start.',
    test: { file: TEST, name: 'a trigger leaves the job to the sweep when' },
  },
];
