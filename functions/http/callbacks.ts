// /api/v1/callbacks: the addresses that receive the events of jobs.
import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { messageOf } from '../../shared/core/errors.ts';
import { etagOf } from '../../shared/core/etags.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { callbackPath, callbackView } from '../../shared/api/views.ts';
import { parseInput } from '../../shared/core/parse.ts';
import { askAllQuestions } from '../../shared/alerts/questions.ts';
import * as callbacks from '../../shared/delivery/saveCallback.ts';
import { publishAllRunbooks } from '../../shared/runs/publishRunbook.ts';
import { CALLBACK_KIND } from '../../shared/delivery/callbackStore.ts';
import type { CallbackDocument } from '../../shared/outbox/documents.ts';
import { listNamedDocuments } from '../../shared/store/namedDocuments.ts';
import { bodyOf } from './input.ts';

const nameOf = (request: HttpRequest): string =>
  parseInput(callbacks.CallbackName, request.params['id'], 'The id of the call-back address');

export async function listCallbacks(): Promise<HttpAnswer> {
  return jsonAnswer(200, {
    callbacks: (await listNamedDocuments<CallbackDocument>(CALLBACK_KIND)).map(callbackView),
  });
}

export async function readCallback(request: HttpRequest): Promise<HttpAnswer> {
  const callback = await callbacks.requireCallback(nameOf(request));
  return jsonAnswer(200, callbackView(callback), { etag: etagOf(callback) });
}

export async function saveCallback(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<HttpAnswer> {
  const name = nameOf(request);
  const ifMatch = request.headers.get('if-match');
  const callback = await callbacks.saveCallback(name, await bodyOf(request), ifMatch, caller);
  // The address also gets the open questions and the runbooks. After a failure the timers send
  // them.
  const warn = (message: string): void => context.warn(message);
  void Promise.all([askAllQuestions(warn), publishAllRunbooks(warn)]).catch((error: unknown) =>
    warn(messageOf(error)),
  );
  return jsonAnswer(callback.version === 1 ? 201 : 200, callbackView(callback), {
    etag: etagOf(callback),
    location: callbackPath(name),
  });
}

export async function removeCallback(request: HttpRequest): Promise<HttpAnswer> {
  await callbacks.removeCallback(nameOf(request), request.headers.get('if-match'));
  return { status: 204, headers: {}, body: '' };
}

export async function tryCallback(request: HttpRequest, caller: Caller): Promise<HttpAnswer> {
  return jsonAnswer(200, await callbacks.testCallback(nameOf(request), caller));
}
