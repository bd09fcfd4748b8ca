// Triggers: how they start the orchestration of a job.
import type { Mutant } from '../mutant.ts';

const FILE = 'functions/startOrchestration.ts';
const TEST = 'test/functions/startOrchestration.test.ts';

export const triggers: readonly Mutant[] = [
  {
    id: 'a start that failed counts as done',
    file: FILE,
    find: "!== 'alive') throw error;",
    replace: "!== 'alive') return;",
    reason: 'The sweep would count a job as started that no orchestration runs.',
    test: { file: TEST, name: 'is one when nothing runs' },
  },
  {
    id: 'a trigger starts a job that has ended',
    file: FILE,
    find: "if (job.state === 'accepted') ",
    replace: '',
    reason: 'The same command again would start an orchestration for a job that has ended.',
    test: { file: TEST, name: 'a job that runs or has ended is only relayed' },
  },
  {
    id: 'a trigger fails when the start fails',
    file: FILE,
    find: 'context.warn(`Job ${job.jobId} is left to the sweep: ${String(error)}`),',
    replace: 'Promise.reject(error as Error),',
    reason: 'A caller would get an error for a job that was accepted and that the sweep will start.',
    test: { file: TEST, name: 'leaves a job to the sweep when the start fails' },
  },
];
