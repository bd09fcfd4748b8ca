// Sends one write through an SDK and returns the answer to that write. Every SDK write goes through
// this file. It never polls and never repeats the write.
import { withSendDeadline, REQUEST_ID_HEADER, SEND_TOO_LATE } from './sendDeadline.ts';
import { nameOf } from '../core/armId.ts';
import { type WriteAnswer, NOT_SENT_CODE } from './writeAnswer.ts';
import { messageOf } from '../core/errors.ts';

/**
 * Ends the SDK's call at the answer to the write. Otherwise the SDK would start polls of its own,
 * and repeat the write after a 500.
 */
class AnswerReceived extends Error {
  readonly answer: WriteAnswer;
  constructor(answer: WriteAnswer) {
    super('The answer to the write has arrived.');
    this.answer = answer;
  }
}

interface RawResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly bodyAsText?: string | null | undefined;
}

/** Both `customHeaders` and `headers` carry the same headers, because the SDKs use different names. */
export interface SendOptions {
  readonly requestOptions: {
    readonly customHeaders: Record<string, string>;
    readonly headers: Record<string, string>;
  };
  readonly abortSignal: AbortSignal;
  readonly onResponse: (response: RawResponse) => void;
}

type WriteCall = (options: SendOptions) => Promise<unknown>;

/**
 * Sends one request once, and none after the deadline. Never throws: a missing answer is a result
 * too.
 */
export function sendOnce(clientRequestId: string, deadline: Date, write: WriteCall): Promise<WriteAnswer> {
  return withSendDeadline(clientRequestId, deadline, (heldBack) =>
    send(clientRequestId, deadline, write, heldBack),
  );
}

async function send(
  clientRequestId: string,
  deadline: Date,
  write: WriteCall,
  heldBack: () => boolean,
): Promise<WriteAnswer> {
  const remainingMs = deadline.getTime() - Date.now();
  if (remainingMs <= 0) return notSentAnswer;
  const headers = { [REQUEST_ID_HEADER]: clientRequestId };
  try {
    await write({
      requestOptions: { customHeaders: headers, headers },
      abortSignal: AbortSignal.timeout(remainingMs),
      onResponse: (response) => {
        throw new AnswerReceived(toAnswer(response));
      },
    });
    return noAnswer('The SDK ended the call without showing the answer.');
  } catch (error) {
    if (error instanceof AnswerReceived) return error.answer;
    return heldBack() ? notSentAnswer : noAnswer(messageOf(error));
  }
}

const notSentAnswer: WriteAnswer = {
  status: null,
  armJobId: null,
  retryAfterSeconds: null,
  code: NOT_SENT_CODE,
  message: SEND_TOO_LATE,
};
const noAnswer = (message: string): WriteAnswer => ({
  status: null,
  armJobId: null,
  retryAfterSeconds: null,
  code: 'NoAnswer',
  message,
});

function toAnswer(response: RawResponse): WriteAnswer {
  const operation = response.headers.get('azure-asyncoperation');
  const seconds = Number(response.headers.get('retry-after'));
  const { code, message } = parseError(response.bodyAsText);
  return {
    status: response.status,
    armJobId: operation ? nameOf(operation) : null,
    retryAfterSeconds: Number.isFinite(seconds) && seconds > 0 ? seconds : null,
    code: code ?? `Http${response.status}`,
    message: message ?? `Azure answered ${response.status}.`,
  };
}

/** A Site Recovery error has its useful code in the first detail. */
function parseError(body: string | null | undefined): {
  code?: string | undefined;
  message?: string | undefined;
} {
  try {
    const { error } = JSON.parse(body ?? '') as {
      error?: { code?: string; message?: string; details?: { code?: string; message?: string }[] };
    };
    return {
      code: error?.details?.[0]?.code ?? error?.code,
      message: error?.details?.[0]?.message ?? error?.message,
    };
  } catch {
    return {};
  }
}
