// /api/v1/callbacks: the addresses that are told what happens to jobs.
import type { HttpRequest } from '@azure/functions';
import { messageOf } from '../../shared/core/errors.ts';
import { etagOf } from '../../shared/core/conditions.ts';
import { json } from '../../shared/http/problem.ts';
import { callbackAddress, callbackView } from '../../shared/api/views.ts';
import { parse } from '../../shared/core/parse.ts';
import { askAll } from '../../shared/alerts/questions.ts';
import {
  CallbackName,
  readNamed,
  removeCallback,
  saveCallback,
  tryCallback,
} from '../../shared/delivery/saveCallback.ts';
import { tellOfAll } from '../../shared/runs/runbook.ts';
import { CALLBACK } from '../../shared/delivery/callbackStore.ts';
import type { CallbackDocument } from '../../shared/outbox/documents.ts';
import { allKept } from '../../shared/store/kept.ts';
import { door } from './door.ts';
import { bodyOf } from './input.ts';

const nameOf = (request: HttpRequest): string =>
  parse(CallbackName, request.params['id'], 'The id of the call-back address');

door('listCallbacks', 'GET /api/v1/callbacks', async () =>
  json(200, { callbacks: (await allKept<CallbackDocument>(CALLBACK)).map(callbackView) }),
);

door('readCallback', 'GET /api/v1/callbacks/{id}', async (request) => {
  const callback = await readNamed(nameOf(request));
  return json(200, callbackView(callback), { etag: etagOf(callback) });
});

door('saveCallback', 'PUT /api/v1/callbacks/{id}', async (request, caller, context) => {
  const name = nameOf(request);
  const callback = await saveCallback(name, await bodyOf(request), request.headers.get('if-match'), caller);
  // What is asked just now, and the runbooks, are for it too. Should this fail, the timers let it in.
  const warn = (message: string): void => context.warn(message);
  void Promise.all([askAll(warn), tellOfAll(warn)]).catch((error: unknown) => warn(messageOf(error)));
  return json(callback.version === 1 ? 201 : 200, callbackView(callback), {
    etag: etagOf(callback),
    location: callbackAddress(name),
  });
});

door('removeCallback', 'DELETE /api/v1/callbacks/{id}', async (request) => {
  await removeCallback(nameOf(request), request.headers.get('if-match'));
  return { status: 204, headers: {}, body: '' };
});

door('tryCallback', 'POST /api/v1/callbacks/{id}/test', async (request, caller) =>
  json(200, await tryCallback(nameOf(request), caller)),
);
