// Commands by the queue. Each becomes a job of its sender, or a refusal with a code, a reason and
// the original message. It never becomes both or neither.
import type { RandomDraw } from './random-draw.ts';
import { jobIdOf } from '../../shared/core/ids.ts';
import type { JobDocument } from '../../shared/journal/documents.ts';
import type { RefusedMessageDocument } from '../../shared/jobs/refusedMessages.ts';
import { changesBetween, type Snapshot } from './stored-state.ts';
import type { FuzzCase } from './draw-case.ts';
import { isStoredAs, check, checkSame, type EffectKind } from './effects/effect.ts';
import { changesExcept, checkTellsNothingInternal } from './check-answer.ts';
import { objectIdOf, type KnownState } from './known-state.ts';
import { QUEUE, type FuzzEnvironment } from './fuzz-environment.ts';

const REFUSED_QUEUE = 'dr-commands-refused';
const TIMEOUT_MILLISECONDS = 20_000;
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export interface MessageResult {
  readonly code: string | null;
  readonly effect: EffectKind | null;
}

/** A message may have any content. */
function messageOf({ sent, value, distortion }: FuzzCase, draw: RandomDraw): unknown {
  if (distortion === 'meant') return value;
  return draw.chance(0.3)
    ? draw.pick<unknown>([null, '', 'failover', 7, [], true, [value]])
    : (sent.body ?? value);
}

export async function sendAndCheckMessage(
  environment: FuzzEnvironment,
  drawnCase: FuzzCase,
  before: { readonly look: Snapshot; readonly known: KnownState },
): Promise<MessageResult> {
  const { draw } = drawnCase;
  const messageId = draw.chance(0.05)
    ? draw.pick(['12345', 'null', 'ä'.repeat(60), 'x'.repeat(128), 'a/b', "it's"])
    : `msg-${draw.letters(10)}`;
  const jobId = jobIdOf(environment.simulator.addresses.tenant, objectIdOf('operator'), messageId);
  const body = messageOf(drawnCase, draw);
  const sender = environment.bus.createSender(QUEUE);
  const isSent = await sender
    .sendMessages({
      body,
      messageId,
      ...(draw.chance(0.2) ? { correlationId: 'CHG-9', replyTo: 'nobody' } : {}),
    })
    .then(() => true, checkTooLarge);
  await sender.close();
  if (!isSent) return { code: 'TooLargeForTheBus', effect: null };
  const wasThere = before.known.jobs.some((job) => job.jobId === jobId);
  const { job, refusal } = await waitForOutcome(environment, jobId, before.look);
  await environment.waitUntilIdle();
  if (refusal) return checkRefusal(environment, refusal, body, before.look);
  const sentCommand = Buffer.isBuffer(body)
    ? (JSON.parse(body.toString().replace(/^\ufeff/, '')) as unknown)
    : body;
  check(
    job !== undefined && isStoredAs(sentCommand, job.command),
    'The job is not for the command that was sent.',
    sentCommand,
    job?.command,
  );
  const shown = await environment.get(`/api/v1/jobs/${jobId}`);
  checkSame(
    [shown.status, (shown.body as { readonly requestedBy?: object }).requestedBy],
    [200, { id: objectIdOf('operator'), name: 'ticketing', trigger: 'queue', roles: ['Operator'] }],
    'Sender of the job',
  );
  checkSame(
    environment.readKnownState().jobs.length,
    before.known.jobs.length + (wasThere ? 0 : 1),
    'How many jobs there are',
  );
  return { code: null, effect: wasThere ? 'repeat' : 'change' };
}

/** Service Bus refuses more than 256 KB. */
function checkTooLarge(error: unknown): false {
  check(
    error instanceof Error && error.message.includes('exceeds the maximum'),
    'The message was not taken by Service Bus.',
    String(error),
  );
  return false;
}

/** Waits until the message has left its queue: as a refusal or as a job. */
async function waitForOutcome(
  environment: FuzzEnvironment,
  jobId: string,
  before: Snapshot,
): Promise<{
  readonly job?: JobDocument | undefined;
  readonly refusal?: RefusedMessageDocument | undefined;
}> {
  for (
    const end = Date.now() + TIMEOUT_MILLISECONDS;
    environment.storedState.countMessages(QUEUE) > 0;
    await sleep(5)
  )
    check(Date.now() < end, 'The message became neither a job nor a refusal.');
  const fresh = changesBetween(before, environment.takeSnapshot());
  return {
    refusal: environment.storedState
      .documents<RefusedMessageDocument>('refusal')
      .find(
        (document) =>
          document.jobId === jobId &&
          fresh.some((place) => place.includes(jobId) && place.includes(document.id)),
      ),
    job: environment.storedState.documents<JobDocument>('job').find((document) => document.jobId === jobId),
  };
}

async function checkRefusal(
  environment: FuzzEnvironment,
  refusal: RefusedMessageDocument,
  body: unknown,
  before: Snapshot,
): Promise<MessageResult> {
  const receiver = environment.bus.createReceiver(REFUSED_QUEUE, { receiveMode: 'receiveAndDelete' });
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5000 });
  await receiver.close();
  const refusalMessage = message?.body as
    | {
        readonly code: string;
        readonly message: string;
        readonly messageId: string;
        readonly sender: { readonly name: string };
      }
    | undefined;
  checkSame(
    [
      environment.storedState.countMessages(REFUSED_QUEUE),
      refusalMessage?.code,
      refusalMessage?.message,
      refusalMessage?.messageId,
      refusalMessage?.sender.name,
      message?.subject,
    ],
    [0, refusal.code, refusal.message, refusal.messageId, 'ticketing', refusal.code],
    'Events about the refusal',
  );
  check(
    refusal.code !== 'Unavailable' && refusalMessage !== undefined && refusalMessage.message.length > 10,
    'The refusal has no reason.',
    refusalMessage,
  );
  // The refusal contains the original message.
  checkTellsNothingInternal(
    JSON.stringify(refusalMessage),
    Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body),
    environment,
  );
  checkSame(
    changesExcept(changesBetween(before, environment.takeSnapshot()), 'refusal'),
    [],
    'Changes by a refused message',
  );
  return { code: refusal.code, effect: null };
}
