// Mutants of locks: which job has a VM, and which orchestration of a job may write.
import type { Mutant } from '../mutant.ts';

const REGISTRY = 'shared/replications/registry.ts';
const JOB = 'shared/journal/job.ts';
const MOVES = 'test/shared/journal/transitions.test.ts';
const LOCKS = 'test/shared/replications/locks.test.ts';
const OPEN_PHASE = 'test/shared/jobs/openPhase.test.ts';
const OLD_ORCHESTRATION = 'test/shared/jobs/oldEpoch.test.ts';

const OLD_BEGINS = { file: OLD_ORCHESTRATION, name: 'of an older epoch starts nothing, and a second' };
const OLD_FOLLOWS = {
  file: OLD_ORCHESTRATION,
  name: 'of an older epoch opens no phase, polls nothing',
};
const SWEEP = { file: OLD_ORCHESTRATION, name: 'leaves a living orchestration alone, and' };
const SWEEP_ROUTE = {
  file: OLD_ORCHESTRATION,
  name: 'starts a new job only when its route has',
};

export const locks: readonly Mutant[] = [
  {
    id: 'the app gives a locked VM to another job',
    file: REGISTRY,
    find: 'targets.map((target) => ({ create: newLock(target, jobId, epoch, now) }))',
    replace: 'targets.map((target) => ({ put: newLock(target, jobId, epoch, now) }))',
    reason: 'Two jobs would change one VM at the same time.',
    test: { file: LOCKS, name: 'a locked VM goes to no other job, and a job' },
  },
  {
    id: 'a batch takes a failed condition for success',
    file: 'shared/store/cosmos.ts',
    find: 'if (results.some((result) => CONDITION_FAILED.has(result.statusCode))) return undefined;',
    replace:
      "if (results.some((result) => CONDITION_FAILED.has(result.statusCode))) return results.map(() => '');",
    reason: 'Every lost race would count as a success.',
    test: {
      file: 'test/shared/store/store.test.ts',
      name: 'a batch with one failed condition changes',
    },
  },
  {
    id: 'a change does not require the ETag',
    file: 'shared/store/cosmos.ts',
    find: 'resourceBody: body(write.replace), ifMatch: write.etag }',
    replace: 'resourceBody: body(write.replace) }',
    reason: 'A writer with an old read would overwrite newer changes.',
    test: {
      file: 'test/shared/store/store.test.ts',
      name: 'a batch with one failed condition changes',
    },
  },
  {
    id: 'a removal does not require the ETag',
    file: 'shared/store/cosmos.ts',
    find: 'return remove;',
    replace: 'return { ...remove, ifMatch: undefined } as never;',
    reason: 'The app would remove a lock that a newer epoch took over.',
    test: {
      file: 'test/shared/store/store.test.ts',
      name: 'a removal with an older ETag removes nothing',
    },
  },
  {
    id: 'an existing document counts as created',
    file: 'shared/store/cosmos.ts',
    find: 'if (errorCodeOf(error) === 409) return false;',
    replace: 'if (errorCodeOf(error) === 409) return true;',
    reason: 'The app would accept a signed call each time it arrives.',
    test: {
      file: 'test/shared/alerts/signedCall.test.ts',
      name: 'Lifeboat refuses a repeated call by its nonce',
    },
  },
];

export const epochs: readonly Mutant[] = [
  {
    id: 'a step accepts any state',
    file: 'shared/journal/saveStep.ts',
    find: "if (next.state !== before.state) assertTransition('step',",
    replace: "if (before.state === next.state) assertTransition('step',",
    reason: 'An ended step could start again, and write a second time.',
    test: { file: MOVES, name: 'a step accepts no forbidden state, and starts' },
  },
  {
    id: 'a job continues at the epoch at which it ended',
    file: JOB,
    find: 'if (isFinalJobState(job.state) && next.epoch <= job.epoch)',
    replace: 'if (isFinalJobState(job.state) && next.epoch < job.epoch)',
    reason: 'An older orchestration of the job could still write.',
    test: { file: MOVES, name: 'a job accepts no forbidden state, and only' },
  },
  {
    id: 'any actor may make any transition',
    file: 'shared/core/states/transitions.ts',
    find: 'if (!allowedCauses.includes(cause))',
    replace: 'if (allowedCauses.length === 0)',
    reason: 'The app could end an attempt with an unknown answer without proof.',
    test: { file: MOVES, name: 'an attempt goes out once, and only proof' },
  },
  {
    id: 'the app does not recognise an older epoch',
    file: JOB,
    find: 'document.epoch !== epoch',
    replace: 'document.epoch > Infinity && epoch > 0',
    reason: 'Two orchestrations of one job would work at the same time.',
    test: {
      file: 'test/shared/attempts/oneWrite.test.ts',
      name: 'an orchestration of an older epoch writes nothing',
    },
  },
  {
    id: 'a newer epoch counts as the same',
    file: JOB,
    find: 'document.epoch !== epoch',
    replace: 'document.epoch > epoch',
    reason: 'An orchestration could work on a job that is not at its epoch yet.',
    test: {
      file: 'test/shared/attempts/oneWrite.test.ts',
      name: 'an orchestration of an older epoch writes nothing',
    },
  },
  {
    id: 'an older orchestration begins the job',
    file: 'shared/jobs/beginJob.ts',
    find: 'if (isSuperseded(job, epoch)) return `The job is at epoch',
    replace: 'if (isSuperseded(job, job.epoch)) return `The job is at epoch',
    reason: 'An old orchestration that wakes would lock VMs and plan steps that belong to a newer epoch.',
    test: OLD_BEGINS,
  },
  {
    id: 'a second execution begins the job',
    file: 'shared/jobs/beginJob.ts',
    find: "return job.run === run ? job : 'Another execution runs the job.';",
    replace: 'return job;',
    reason: 'Two executions of one orchestration would start the same operations.',
    test: OLD_BEGINS,
  },
  {
    id: 'an older orchestration opens a phase',
    file: 'shared/jobs/openPhase.ts',
    find: 'phaseSteps.some((step) => isSuperseded(step, input.epoch))',
    replace: 'phaseSteps.some((step) => isSuperseded(step, step.epoch))',
    reason: 'An old orchestration would skip or fail steps of its successor.',
    test: OLD_FOLLOWS,
  },
  {
    id: 'an older orchestration polls',
    file: 'shared/attempts/pollPhase.ts',
    find:
      'if (!job || isSuperseded(job, input.epoch) || steps.some((step) => isSuperseded(step, ' +
      'input.epoch)))',
    replace: 'if (!job)',
    reason: 'An old orchestration would continue to decide about steps of its successor.',
    test: OLD_FOLLOWS,
  },
  {
    id: 'a cancelled step that changed meanwhile stays open',
    file: 'shared/jobs/openPhase.ts',
    find: 'if (!(await saveStep(step, cancelledStepChange(now), now))) return openPhase(input);',
    replace: 'await saveStep(step, cancelledStepChange(now), now);',
    reason: 'The job would never end: its step is open, and no phase follows it.',
    test: { file: OPEN_PHASE, name: 'a cancelled step ends although another process' },
  },
  {
    id: 'an excluded step that changed meanwhile stays open',
    file: 'shared/jobs/openPhase.ts',
    find: 'log: exclusion.error.message }, now)) ) return openPhase(input);',
    replace: 'log: exclusion.error.message }, now)) ) void 0;',
    reason: 'The step would begin although an earlier phase of its VM has failed.',
    test: { file: OPEN_PHASE, name: 'a step after a failed phase is skipped although' },
  },
  {
    id: 'an older orchestration ends the job',
    file: 'shared/jobs/closeJob.ts',
    find: 'if (!job || isSuperseded(job, epoch) || isFinalJobState(job.state))',
    replace: 'if (!job || isFinalJobState(job.state))',
    reason: 'The app would report the end of a job while its new orchestration works.',
    test: OLD_FOLLOWS,
  },
  {
    id: 'the app closes a job with open steps',
    file: 'shared/jobs/closeJob.ts',
    find: 'if (open.length > 0) throw',
    replace: 'if (open.length > 99) throw',
    reason: 'The app would write an outcome before it saw it, and unlock the VMs.',
    test: { file: OLD_ORCHESTRATION, name: 'never closes a job with an open step' },
  },
  {
    id: 'an older orchestration acts around the VMs',
    file: 'shared/actions/pollActions.ts',
    find: 'if (!job || isSuperseded(job, epoch) ||',
    replace: 'if (!job ||',
    reason: 'An old orchestration would start runbooks and scripts of its successor.',
    test: {
      file: 'test/shared/jobs/answerQuestion.test.ts',
      name: 'an orchestration of an older epoch polls',
    },
  },
  {
    id: 'the app moves steps to a new epoch without their ETags',
    file: 'shared/journal/saveStep.ts',
    find: 'return { replace: next, etag: step._etag };\n  });\n  const done',
    replace: 'return { put: next };\n  });\n  const done',
    reason: 'The app would lose the last writes of an older orchestration.',
    test: {
      file: OLD_ORCHESTRATION,
      name: 'cannot move a step to its epoch after another',
    },
  },
  {
    id: 'the sweep takes over a living orchestration',
    file: 'shared/jobs/sweep.ts',
    find: " === 'alive') ",
    replace: " === 'asleep') ",
    reason: 'Each minute every running job would get a new orchestration.',
    test: SWEEP,
  },
  {
    id: 'the sweep starts an orchestration at the old epoch',
    file: 'shared/jobs/sweep.ts',
    find: 'await orchestrations.start(job.jobId, job.epoch + 1);',
    replace: 'await orchestrations.start(job.jobId, job.epoch);',
    reason: 'The new orchestration would end at once, and the job would stand still.',
    test: SWEEP,
  },
  {
    id: 'the sweep does not wait for the route',
    file: 'shared/jobs/sweep.ts',
    find: '< START_GRACE_MILLISECONDS)',
    replace: '< 0)',
    reason: 'The sweep and the route would start the same job at the same time.',
    test: SWEEP_ROUTE,
  },
];
