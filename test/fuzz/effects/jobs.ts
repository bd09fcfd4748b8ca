// Effects of commands, and of requests to their jobs.
import { jobIdOf } from '../../../shared/core/ids.ts';
import type { AnswerRequest } from '../../../shared/delivery/answerRequest.ts';
import { answerIdOf, voteIdOf } from '../../../shared/journal/answers.ts';
import type { AnswerDocument, JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import { objectIdOf } from '../known-state.ts';
import {
  sentBody,
  isStoredAs,
  check,
  checkSame,
  pathParameters,
  readWithStatus,
  changedTypes,
  type AcceptedCase,
  type Effect,
  type EffectKind,
} from './effect.ts';

interface JobView {
  readonly id: string;
  readonly state: string;
  readonly epoch: number;
  readonly command: Readonly<Record<string, unknown>>;
  readonly control: { readonly requested: string } | null;
  readonly requestedBy: { readonly id: string; readonly trigger: string };
  readonly steps: readonly { readonly target: string; readonly phase: string; readonly state: string }[];
}

const idOf = (accepted: AcceptedCase): string => pathParameters(accepted)['id'] ?? '';
const jobBefore = (accepted: AcceptedCase): JobDocument | undefined =>
  accepted.before.jobs.find(({ jobId }) => jobId === idOf(accepted));

/**
 * The command becomes one job with its sender and its content, and the list shows the job. The same
 * command again returns the same job.
 */
const createEffect: Effect = async (accepted) => {
  const { answer, drawnCase, environment, before } = accepted;
  const job = answer.body as JobView;
  const caller = objectIdOf(drawnCase.who);
  const key = Buffer.from(drawnCase.sent.headers['idempotency-key'] ?? '', 'latin1')
    .toString('latin1')
    .trim();
  checkSame(
    job.id,
    jobIdOf(environment.simulator.addresses.tenant, caller, key),
    'The id of the job follows from caller and key',
  );
  checkSame(answer.headers.get('location'), `/api/v1/jobs/${job.id}`, 'Location');
  check(
    isStoredAs(sentBody(accepted), job.command),
    'The job is not for the command that was sent.',
    sentBody(accepted),
    job.command,
  );
  const shown = await readWithStatus<JobView>(accepted, `/api/v1/jobs/${job.id}`);
  checkSame(
    [shown.command, shown.requestedBy.id, shown.requestedBy.trigger],
    [job.command, caller, 'rest'],
    'The job as it is read',
  );
  const { jobs } = await readWithStatus<{ jobs: { id: string }[] }>(accepted, '/api/v1/jobs?limit=500');
  check(
    jobs.some(({ id }) => id === job.id),
    `The list of jobs has no ${job.id}.`,
  );
  const isNew = !before.jobs.some(({ jobId }) => jobId === job.id);
  const count = environment.readKnownState().jobs.length;
  checkSame(count, before.jobs.length + (isNew ? 1 : 0), 'How many jobs there are');
  const again = await environment.send(drawnCase.sent);
  checkSame(
    [again.status, (again.body as JobView).id, environment.readKnownState().jobs.length],
    [202, job.id, count],
    'The same command, sent again',
  );
  const other = await environment.send({
    ...drawnCase.sent,
    body: Buffer.from(JSON.stringify({ ...job.command, reason: 'Another command with the same key.' })),
  });
  checkSame(
    [other.status, (other.body as { code?: string }).code, environment.readKnownState().jobs.length],
    [409, 'IdempotencyKeyReused', count],
    'Another command with the same key',
  );
  return isNew ? 'change' : 'repeat';
};

const controlEffect =
  (control: string): Effect =>
  async (accepted) => {
    const job = await readWithStatus<JobView>(accepted, `/api/v1/jobs/${idOf(accepted)}`);
    checkSame(job.control?.requested ?? 'running', control, 'Requests to the job');
    return changedTypes(accepted.changed).has('control') ? 'change' : 'repeat';
  };

/** Another orchestration continues the job from here. */
const newEpochEffect: Effect = async (accepted): Promise<EffectKind> => {
  const job = await readWithStatus<JobView>(accepted, `/api/v1/jobs/${idOf(accepted)}`);
  checkSame(job.epoch, (jobBefore(accepted)?.epoch ?? 0) + 1, 'The epoch');
  return 'change';
};

const skipEffect: Effect = (accepted): EffectKind => {
  const { target, phase } = sentBody(accepted) as { target: string; phase?: string };
  const steps = accepted.environment.storedState
    .documents<StepDocument>('step')
    .filter(
      (step) =>
        step.jobId === idOf(accepted) &&
        step.targetId === target.trim() &&
        (phase === undefined || step.phase === phase.trim()),
    );
  check(
    steps.some(({ state, error }) => state === 'skipped' && error?.code === 'SkippedByPerson'),
    'Nothing was left out.',
    steps.map(({ id, state }) => [id, state]),
  );
  return 'change';
};

const sourceLostEffect: Effect = (accepted) => {
  const isThere = [...accepted.environment.takeSnapshot().documents.keys()].some(
    (place) => place.includes(idOf(accepted)) && place.endsWith(' sourceLost'),
  );
  check(isThere, 'That the source is lost was not kept.');
  return changedTypes(accepted.changed).has('sourceLost') ? 'change' : 'repeat';
};

/** The app stores the answer under the step, in the name of its sender. */
const answerEffect: Effect = (accepted) => {
  const { question, answer } = sentBody(accepted) as AnswerRequest;
  const answers = accepted.environment.storedState
    .documents<AnswerDocument>('answer')
    .filter(({ jobId, by }) => jobId === idOf(accepted) && by.id === objectIdOf(accepted.drawnCase.who));
  const ids = [answerIdOf(question.trim()), voteIdOf(question.trim(), objectIdOf(accepted.drawnCase.who))];
  check(
    answers.some((stored) => stored.answer === answer && ids.includes(stored.id)),
    'The answer was not kept.',
    answers,
  );
  return changedTypes(accepted.changed).has('answer') ? 'change' : 'repeat';
};

const resumeEffect: Effect = ({ answer, drawnCase, environment, changed }): EffectKind => {
  check((answer.body as { resumedAt: string | null }).resumedAt !== null, 'The gap is there still.');
  const range = environment
    .readKnownState()
    .gaps.find(
      ({ id, jobId }) =>
        id === drawnCase.params['undeliveredId'] &&
        jobId === (drawnCase.params['stream'] ?? drawnCase.params['id']),
    );
  check(range !== undefined && range.resumedAt !== null, 'The gap is kept as it was.', range);
  return changedTypes(changed).has('gap') ? 'change' : 'repeat';
};

export const JOB_EFFECTS: Readonly<Record<string, Effect>> = {
  'POST /api/v1/jobs': createEffect,
  'POST /api/v1/jobs/{id}/pause': controlEffect('paused'),
  'POST /api/v1/jobs/{id}/resume': controlEffect('running'),
  'POST /api/v1/jobs/{id}/cancel': controlEffect('cancelled'),
  'POST /api/v1/jobs/{id}/retry': newEpochEffect,
  'POST /api/v1/jobs/{id}/take-over': newEpochEffect,
  'POST /api/v1/jobs/{id}/skip': skipEffect,
  'POST /api/v1/jobs/{id}/source-lost': sourceLostEffect,
  'POST /api/v1/jobs/{id}/answers': answerEffect,
  'POST /api/v1/jobs/{id}/undelivered/{undeliveredId}/resume': resumeEffect,
  'POST /api/v1/undelivered/{stream}/{undeliveredId}/resume': resumeEffect,
};
