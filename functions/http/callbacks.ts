// /api/v1/callbacks: the addresses that receive the events of jobs.
import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { messageOf } from '../../shared/core/errors.ts';
import { etagOf } from '../../shared/core/conditions.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { callbackAddress, callbackView } from '../../shared/api/views.ts';
import { parse } from '../../shared/core/parse.ts';
import { askAll } from '../../shared/alerts/questions.ts';
import * as callbacks from '../../shared/delivery/saveCallback.ts';
import { tellOfAll } from '../../shared/runs/runbook.ts';
import { CALLBACK } from '../../shared/delivery/callbackStore.ts';
import type { CallbackDocument } from '../../shared/outbox/documents.ts';
import { allKept } from '../../shared/store/kept.ts';
import { bodyOf } from './input.ts';

const nameOf = (request: HttpRequest): string =>
  parse(callbacks.CallbackName, request.params['id'], 'The id of the call-back address');

export async function listCallbacks(): Promise<Answer> {
  return json(200, { callbacks: (await allKept<CallbackDocument>(CALLBACK)).map(callbackView) });
}

export async function readCallback(request: HttpRequest): Promise<Answer> {
  const callback = await callbacks.readNamed(nameOf(request));
  return json(200, callbackView(callback), { etag: etagOf(callback) });
}

export async function saveCallback(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const name = nameOf(request);
  const ifMatch = request.headers.get('if-match');
  const callback = await callbacks.saveCallback(name, await bodyOf(request), ifMatch, caller);
  // The address also gets the open questions and the runbooks. The timers send what this cannot send.
  const warn = (message: string): void => context.warn(message);
  void Promise.all([askAll(warn), tellOfAll(warn)]).catch((error: unknown) => warn(messageOf(error)));
  return json(callback.version === 1 ? 201 : 200, callbackView(callback), {
    etag: etagOf(callback),
    location: callbackAddress(name),
  });
}

export async function removeCallback(request: HttpRequest): Promise<Answer> {
  await callbacks.removeCallback(nameOf(request), request.headers.get('if-match'));
  return { status: 204, headers: {}, body: '' };
}

export async function tryCallback(request: HttpRequest, caller: Caller): Promise<Answer> {
  return json(200, await callbacks.tryCallback(nameOf(request), caller));
}
