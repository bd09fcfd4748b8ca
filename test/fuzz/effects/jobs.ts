// Commands, and what is said to the jobs that they became.
import { jobIdOf } from '../../../shared/core/ids.ts';
import type { AnswerDocument, JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import { objectIdOf } from '../names.ts';
import {
  bodyOf,
  isKept,
  must,
  mustBeSame,
  partsOf,
  read,
  typesIn,
  type Accepted,
  type Effect,
  type Seen,
} from './effect.ts';

interface JobView {
  readonly id: string;
  readonly state: string;
  readonly epoch: number;
  readonly command: Readonly<Record<string, unknown>>;
  readonly control: { readonly wish: string } | null;
  readonly requestedBy: { readonly id: string; readonly door: string };
  readonly steps: readonly { readonly target: string; readonly phase: string; readonly state: string }[];
}

const idOf = (accepted: Accepted): string => partsOf(accepted)['id'] ?? '';
const jobBefore = (accepted: Accepted): JobDocument | undefined =>
  accepted.before.jobs.find(({ jobId }) => jobId === idOf(accepted));

/**
 * It is one job, of who has sent it, with the command as it was sent; it is listed; and sent again
 * it is the same one.
 */
const create: Effect = async (accepted) => {
  const { answer, drawn, stage, before } = accepted;
  const job = answer.body as JobView;
  const caller = objectIdOf(drawn.who);
  const key = Buffer.from(drawn.sent.headers['idempotency-key'] ?? '', 'latin1')
    .toString('latin1')
    .trim();
  mustBeSame(
    job.id,
    jobIdOf(stage.simulator.addresses.tenant, caller, key),
    'The id of the job follows from caller and key',
  );
  mustBeSame(answer.headers.get('location'), `/api/v1/jobs/${job.id}`, 'Location');
  must(
    isKept(bodyOf(accepted), job.command),
    'The job is not for the command that was sent.',
    bodyOf(accepted),
    job.command,
  );
  const shown = await read<JobView>(accepted, `/api/v1/jobs/${job.id}`);
  mustBeSame(
    [shown.command, shown.requestedBy.id, shown.requestedBy.door],
    [job.command, caller, 'rest'],
    'The job as it is read',
  );
  const { jobs } = await read<{ jobs: { id: string }[] }>(accepted, '/api/v1/jobs?limit=500');
  must(
    jobs.some(({ id }) => id === job.id),
    `The list of jobs has no ${job.id}.`,
  );
  const isNew = !before.jobs.some(({ jobId }) => jobId === job.id);
  const count = stage.known().jobs.length;
  mustBeSame(count, before.jobs.length + (isNew ? 1 : 0), 'How many jobs there are');
  const again = await stage.send(drawn.sent);
  mustBeSame(
    [again.status, (again.body as JobView).id, stage.known().jobs.length],
    [202, job.id, count],
    'The same command, sent again',
  );
  const other = await stage.send({
    ...drawn.sent,
    body: Buffer.from(JSON.stringify({ ...job.command, reason: 'Another command with the same key.' })),
  });
  mustBeSame(
    [other.status, (other.body as { code?: string }).code, stage.known().jobs.length],
    [409, 'IdempotencyKeyReused', count],
    'Another command with the same key',
  );
  return isNew ? 'change' : 'repeat';
};

const steered =
  (wish: string): Effect =>
  async (accepted) => {
    const job = await read<JobView>(accepted, `/api/v1/jobs/${idOf(accepted)}`);
    mustBeSame(job.control?.wish ?? 'running', wish, 'What the job was told');
    return typesIn(accepted.changed).has('control') ? 'change' : 'repeat';
  };

/** From here on another walk goes on with it. */
const begunAnew: Effect = async (accepted): Promise<Seen> => {
  const job = await read<JobView>(accepted, `/api/v1/jobs/${idOf(accepted)}`);
  mustBeSame(job.epoch, (jobBefore(accepted)?.epoch ?? 0) + 1, 'The epoch');
  return 'change';
};

const skip: Effect = (accepted): Seen => {
  const { target, phase } = bodyOf(accepted) as { target: string; phase?: string };
  const steps = accepted.stage.books
    .documents<StepDocument>('step')
    .filter(
      (step) =>
        step.jobId === idOf(accepted) &&
        step.targetId === target.trim() &&
        (phase === undefined || step.phase === phase.trim()),
    );
  must(
    steps.some(({ state, error }) => state === 'skipped' && error?.code === 'SkippedByPerson'),
    'Nothing was left out.',
    steps.map(({ id, state }) => [id, state]),
  );
  return 'change';
};

const loseSource: Effect = (accepted) => {
  const isThere = [...accepted.stage.look().documents.keys()].some(
    (place) => place.includes(idOf(accepted)) && place.endsWith(' sourceLost'),
  );
  must(isThere, 'That the source is lost was not kept.');
  return typesIn(accepted.changed).has('sourceLost') ? 'change' : 'repeat';
};

/** Kept under the step, in the name of who said it. */
const answered =
  (answerOf: (body: Readonly<Record<string, string>>) => string): Effect =>
  (accepted) => {
    const body = bodyOf(accepted) as Readonly<Record<string, string>>;
    const said = accepted.stage.books
      .documents<AnswerDocument>('answer')
      .filter(({ jobId, by }) => jobId === idOf(accepted) && by.id === objectIdOf(accepted.drawn.who));
    must(
      said.some(
        ({ stepId, answer }) =>
          answer === answerOf(body) &&
          (stepId === body['step']?.trim() || stepId.endsWith(`:${body['target']?.trim() ?? ''}`)),
      ),
      'The answer was not kept.',
      said,
    );
    return typesIn(accepted.changed).has('answer') ? 'change' : 'repeat';
  };

const resumed: Effect = ({ answer, drawn, stage, changed }): Seen => {
  must((answer.body as { resumedAt: string | null }).resumedAt !== null, 'The gap is there still.');
  const gap = stage
    .known()
    .gaps.find(
      ({ id, jobId }) =>
        id === drawn.params['undeliveredId'] && jobId === (drawn.params['stream'] ?? drawn.params['id']),
    );
  must(gap !== undefined && gap.resumedAt !== null, 'The gap is kept as it was.', gap);
  return typesIn(changed).has('gap') ? 'change' : 'repeat';
};

export const JOBS: Readonly<Record<string, Effect>> = {
  'POST /api/v1/jobs': create,
  'POST /api/v1/jobs/{id}/pause': steered('paused'),
  'POST /api/v1/jobs/{id}/resume': steered('running'),
  'POST /api/v1/jobs/{id}/cancel': steered('cancelled'),
  'POST /api/v1/jobs/{id}/retry': begunAnew,
  'POST /api/v1/jobs/{id}/take-over': begunAnew,
  'POST /api/v1/jobs/{id}/skip': skip,
  'POST /api/v1/jobs/{id}/source-lost': loseSource,
  'POST /api/v1/jobs/{id}/answers': answered(({ answer = '' }) => answer),
  'POST /api/v1/jobs/{id}/approvals': answered(({ decision = '' }) => decision),
  'POST /api/v1/jobs/{id}/undelivered/{undeliveredId}/resume': resumed,
  'POST /api/v1/undelivered/{stream}/{undeliveredId}/resume': resumed,
};
