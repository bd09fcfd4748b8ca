// Who holds a VM, and which walk of a job may write.
import type { Mutant } from '../mutant.ts';

const REGISTRY = 'shared/replications/registry.ts';
const JOB = 'shared/journal/job.ts';
const MOVES = 'test/shared/journal/transitions.test.ts';
const LOCKS = 'test/shared/replications/locks.test.ts';
const OLD_WALK = 'test/shared/jobs/oldEpoch.test.ts';

const OLD_BEGINS = { file: OLD_WALK, name: 'of an older epoch begins nothing, and so does a second one' };
const OLD_FOLLOWS = {
  file: OLD_WALK,
  name: 'of an older epoch opens no phase, follows nothing and ends nothing',
};
const SWEEP = { file: OLD_WALK, name: 'leaves a walk alone that is alive' };
const SWEEP_DOOR = {
  file: OLD_WALK,
  name: 'begins a new job only when its door has not begun the job in time',
};

export const locks: readonly Mutant[] = [
  {
    id: 'a held VM is given to another job',
    file: REGISTRY,
    find: 'targets.map((target) => ({ create: newLock(target, jobId, epoch, now) }))',
    replace: 'targets.map((target) => ({ put: newLock(target, jobId, epoch, now) }))',
    reason: 'Two jobs would change one VM at the same time.',
    test: { file: LOCKS, name: 'a VM that a job holds is given to no other job' },
  },
  {
    id: 'a batch takes a broken condition for success',
    file: 'shared/store/cosmos.ts',
    find: 'if (results.some((result) => CONDITION_FAILED.has(result.statusCode))) return undefined;',
    replace:
      "if (results.some((result) => CONDITION_FAILED.has(result.statusCode))) return results.map(() => '');",
    reason: 'Every lost race would be taken for a win.',
    test: {
      file: 'test/shared/store/store.test.ts',
      name: 'a batch of which one condition is not met changes nothing',
    },
  },
  {
    id: 'a change is not bound to the ETag',
    file: 'shared/store/cosmos.ts',
    find: 'resourceBody: body(write.replace), ifMatch: write.etag }',
    replace: 'resourceBody: body(write.replace) }',
    reason: 'Whoever read earlier would overwrite what others wrote since.',
    test: {
      file: 'test/shared/store/store.test.ts',
      name: 'a batch of which one condition is not met changes nothing',
    },
  },
  {
    id: 'a removal is not bound to the ETag',
    file: 'shared/store/cosmos.ts',
    find: 'return remove;',
    replace: 'return { ...remove, ifMatch: undefined } as never;',
    reason: 'A lock that a newer epoch took over would be removed.',
    test: {
      file: 'test/shared/store/store.test.ts',
      name: 'a removal under an older ETag removes nothing',
    },
  },
  {
    id: 'a document that is there is taken for made',
    file: 'shared/store/cosmos.ts',
    find: 'if (errorCodeOf(error) === 409) return false;',
    replace: 'if (errorCodeOf(error) === 409) return true;',
    reason: 'A signed call would be taken each time it is sent.',
    test: {
      file: 'test/shared/alerts/signedCall.test.ts',
      name: 'a call that was here before is refused by its nonce',
    },
  },
];

export const epochs: readonly Mutant[] = [
  {
    id: 'a step takes any state',
    file: 'shared/journal/saveStep.ts',
    find: "if (next.state !== before.state) assertTransition('step',",
    replace: "if (before.state === next.state) assertTransition('step',",
    reason: 'A step that has ended could begin again, and write a second time.',
    test: { file: MOVES, name: 'a step takes no forbidden state' },
  },
  {
    id: 'a job goes on at the epoch at which it ended',
    file: JOB,
    find: 'if (isFinalJobState(job.state) && next.epoch <= job.epoch)',
    replace: 'if (isFinalJobState(job.state) && next.epoch < job.epoch)',
    reason: 'An older walk of the job could still write.',
    test: { file: MOVES, name: 'a job takes no forbidden state' },
  },
  {
    id: 'any mover makes any move',
    file: 'shared/core/states/transitions.ts',
    find: 'if (!allowedCauses.includes(cause))',
    replace: 'if (allowedCauses.length === 0)',
    reason: 'An attempt whose answer is not known could be ended without proof.',
    test: { file: MOVES, name: 'an attempt is sent once' },
  },
  {
    id: 'an older epoch is not seen as such',
    file: JOB,
    find: 'document.epoch !== epoch',
    replace: 'document.epoch > Infinity && epoch > 0',
    reason: 'Two walks of one job would work at the same time.',
    test: { file: 'test/shared/attempts/oneWrite.test.ts', name: 'a walk of an older epoch writes nothing' },
  },
  {
    id: 'a newer walk counts as the same',
    file: JOB,
    find: 'document.epoch !== epoch',
    replace: 'document.epoch > epoch',
    reason: 'A walk could work on a job that is not at its epoch yet.',
    test: { file: 'test/shared/attempts/oneWrite.test.ts', name: 'a walk of an older epoch writes nothing' },
  },
  {
    id: 'an older walk begins the job',
    file: 'shared/jobs/beginJob.ts',
    find: 'if (isSuperseded(job, epoch)) return `The job is at epoch',
    replace: 'if (isSuperseded(job, job.epoch)) return `The job is at epoch',
    reason: 'A dead walk that wakes would hold and lay out what is no longer its own.',
    test: OLD_BEGINS,
  },
  {
    id: 'a second execution begins the job',
    file: 'shared/jobs/beginJob.ts',
    find: "return job.run === run ? job : 'Another execution runs the job.';",
    replace: 'return job;',
    reason: 'Two executions of one walk would start the same operations.',
    test: OLD_BEGINS,
  },
  {
    id: 'an older walk opens a phase',
    file: 'shared/jobs/closeJob.ts',
    find: 'phaseSteps.some((step) => isSuperseded(step, input.epoch))',
    replace: 'phaseSteps.some((step) => isSuperseded(step, step.epoch))',
    reason: 'A dead walk would skip or fail steps of its successor.',
    test: OLD_FOLLOWS,
  },
  {
    id: 'an older walk follows',
    file: 'shared/attempts/pollPhase.ts',
    find:
      'if (!job || isSuperseded(job, input.epoch) || steps.some((step) => isSuperseded(step, ' +
      'input.epoch)))',
    replace: 'if (!job)',
    reason: 'A dead walk would go on judging steps of its successor.',
    test: OLD_FOLLOWS,
  },
  {
    id: 'an older walk ends the job',
    file: 'shared/jobs/closeJob.ts',
    find: 'if (!job || isSuperseded(job, epoch) || isFinalJobState(job.state))',
    replace: 'if (!job || isFinalJobState(job.state))',
    reason: 'A job would be told as ended while its new walk works.',
    test: OLD_FOLLOWS,
  },
  {
    id: 'a job with open steps is closed',
    file: 'shared/jobs/closeJob.ts',
    find: 'if (open.length > 0) throw',
    replace: 'if (open.length > 99) throw',
    reason: 'An outcome would be written before it was observed, and the VMs given back.',
    test: { file: OLD_WALK, name: 'a job with an open step is never closed' },
  },
  {
    id: 'an older walk acts around the VMs',
    file: 'shared/actions/pollActions.ts',
    find: 'if (!job || isSuperseded(job, epoch) ||',
    replace: 'if (!job ||',
    reason: 'A dead walk would start runbooks and scripts of its successor.',
    test: {
      file: 'test/shared/jobs/answerQuestion.test.ts',
      name: 'a walk of an older epoch follows nothing, also where no step has its turn',
    },
  },
  {
    id: 'steps are raised without their ETags',
    file: 'shared/journal/saveStep.ts',
    find: 'return { replace: next, etag: step._etag };\n  });\n  const done',
    replace: 'return { put: next };\n  });\n  const done',
    reason: 'What an older walk wrote just before would be lost.',
    test: {
      file: OLD_WALK,
      name: 'what was written to a step since it was read keeps the step from being raised',
    },
  },
  {
    id: 'the sweep takes a walk over that is alive',
    file: 'shared/jobs/sweep.ts',
    find: " === 'alive') ",
    replace: " === 'asleep') ",
    reason: 'Each minute every running job would change its walk.',
    test: SWEEP,
  },
  {
    id: 'the sweep begins a walk at the old epoch',
    file: 'shared/jobs/sweep.ts',
    find: 'await orchestrations.start(job.jobId, job.epoch + 1);',
    replace: 'await orchestrations.start(job.jobId, job.epoch);',
    reason: 'The new walk would end at once, and the job would stand still.',
    test: SWEEP,
  },
  {
    id: 'the sweep does not wait for the door',
    file: 'shared/jobs/sweep.ts',
    find: '< START_GRACE_MILLISECONDS)',
    replace: '< 0)',
    reason: 'The sweep and the door would begin the same job at the same time.',
    test: SWEEP_DOOR,
  },
];
