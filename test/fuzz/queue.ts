// Commands by the queue: each becomes a job of its sender, or a refusal with code, reason and the
// message as it was; never both, never neither.
import type { Draw } from './draw.ts';
import { jobIdOf } from '../../shared/core/ids.ts';
import type { JobDocument } from '../../shared/journal/documents.ts';
import type { RefusalDocument } from '../../shared/jobs/refusalDocument.ts';
import { changes, type Look } from './books.ts';
import type { Case } from './drawing.ts';
import { isKept, must, mustBeSame, type Seen } from './effects/effect.ts';
import { changedBeside, mustTellNothing } from './judge.ts';
import { objectIdOf, type Known } from './names.ts';
import { QUEUE, type Stage } from './stage.ts';

const REFUSED = 'dr-commands-refused';
const PATIENCE = 20_000;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export interface Dealt {
  readonly code: string | null;
  readonly seen: Seen | null;
}

/** A message may be anything. */
function messageOf({ sent, value, how }: Case, draw: Draw): unknown {
  if (how === 'meant') return value;
  return draw.chance(0.3)
    ? draw.pick<unknown>([null, '', 'failover', 7, [], true, [value]])
    : (sent.body ?? value);
}

export async function dealtWith(
  stage: Stage,
  drawn: Case,
  before: { readonly look: Look; readonly known: Known },
): Promise<Dealt> {
  const { draw } = drawn;
  const messageId = draw.chance(0.05)
    ? draw.pick(['12345', 'null', 'ä'.repeat(60), 'x'.repeat(128), 'a/b', "it's"])
    : `msg-${draw.letters(10)}`;
  const jobId = jobIdOf(stage.simulator.addresses.tenant, objectIdOf('operator'), messageId);
  const body = messageOf(drawn, draw);
  const sender = stage.bus.createSender(QUEUE);
  const isSent = await sender
    .sendMessages({
      body,
      messageId,
      ...(draw.chance(0.2) ? { correlationId: 'CHG-9', replyTo: 'nobody' } : {}),
    })
    .then(() => true, mustBeTooLarge);
  await sender.close();
  if (!isSent) return { code: 'TooLargeForTheBus', seen: null };
  const wasThere = before.known.jobs.some((job) => job.jobId === jobId);
  const { job, refusal } = await outcome(stage, jobId, before.look);
  await stage.quiet();
  if (refusal) return refusedWith(stage, refusal, body, before.look);
  const asked = Buffer.isBuffer(body)
    ? (JSON.parse(body.toString().replace(/^\ufeff/, '')) as unknown)
    : body;
  must(
    job !== undefined && isKept(asked, job.command),
    'The job is not for the command that was sent.',
    asked,
    job?.command,
  );
  const shown = await stage.get(`/api/v1/jobs/${jobId}`);
  mustBeSame(
    [shown.status, (shown.body as { readonly requestedBy?: object }).requestedBy],
    [200, { id: objectIdOf('operator'), name: 'ticketing', door: 'queue', roles: ['Operator'] }],
    'Who asked for the job',
  );
  mustBeSame(
    stage.known().jobs.length,
    before.known.jobs.length + (wasThere ? 0 : 1),
    'How many jobs there are',
  );
  return { code: null, seen: wasThere ? 'repeat' : 'change' };
}

/** Service Bus itself takes no more than 256 KB. */
function mustBeTooLarge(error: unknown): false {
  must(
    error instanceof Error && error.message.includes('exceeds the maximum'),
    'The message was not taken by Service Bus.',
    String(error),
  );
  return false;
}

/** Once the message is off its queue: told as refused, or a job. */
async function outcome(
  stage: Stage,
  jobId: string,
  before: Look,
): Promise<{ readonly job?: JobDocument | undefined; readonly refusal?: RefusalDocument | undefined }> {
  for (const end = Date.now() + PATIENCE; stage.books.waiting(QUEUE) > 0; await pause(5))
    must(Date.now() < end, 'The message became neither a job nor a refusal.');
  const fresh = changes(before, stage.look());
  return {
    refusal: stage.books
      .documents<RefusalDocument>('refusal')
      .find(
        (one) =>
          one.jobId === jobId && fresh.some((place) => place.includes(jobId) && place.includes(one.id)),
      ),
    job: stage.books.documents<JobDocument>('job').find((one) => one.jobId === jobId),
  };
}

async function refusedWith(
  stage: Stage,
  refusal: RefusalDocument,
  body: unknown,
  before: Look,
): Promise<Dealt> {
  const receiver = stage.bus.createReceiver(REFUSED, { receiveMode: 'receiveAndDelete' });
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5000 });
  await receiver.close();
  const told = message?.body as
    | {
        readonly code: string;
        readonly message: string;
        readonly messageId: string;
        readonly sender: { readonly name: string };
      }
    | undefined;
  mustBeSame(
    [
      stage.books.waiting(REFUSED),
      told?.code,
      told?.message,
      told?.messageId,
      told?.sender.name,
      message?.subject,
    ],
    [0, refusal.code, refusal.message, refusal.messageId, 'ticketing', refusal.code],
    'What was told of the refusal',
  );
  must(
    refusal.code !== 'Unavailable' && told !== undefined && told.message.length > 10,
    'The refusal has no reason.',
    told,
  );
  // The message itself comes back with it.
  mustTellNothing(
    JSON.stringify(told),
    Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body),
    stage,
  );
  mustBeSame(
    changedBeside(changes(before, stage.look()), 'refusal'),
    [],
    'What a refused message has changed',
  );
  return { code: refusal.code, seen: null };
}
