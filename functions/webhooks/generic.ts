// POST /api/v1/alerts/generic: an alert of anybody who has a key. No token: the call is signed, as
// shared/alerts/signed.ts says.
import { follow } from '../../shared/alerts/act.ts';
import { letIn } from '../../shared/alerts/receive.ts';
import { signedCaller } from '../../shared/alerts/signed.ts';
import { fromGeneric, GenericAlert } from '../../shared/alerts/rules/alert.ts';
import { bytesFrom, jsonOf } from '../../shared/http/body.ts';
import { json } from '../../shared/http/problem.ts';
import { parse } from '../../shared/core/parse.ts';
import { mustNotRushAs, openDoor } from '../http/door.ts';
import { beginning } from '../walks.ts';

/** Of callers that have shown no key yet, nothing larger is looked at. */
const MOST_BYTES = 64 * 1024;

openDoor('genericAlert', 'POST /api/v1/alerts/generic', async (request, context) => {
  const header = (name: string): string | null => request.headers.get(name);
  const body = await bytesFrom(request, MOST_BYTES);
  const call = {
    timestamp: header('webhook-timestamp'),
    nonce: header('webhook-nonce'),
    signature: header('webhook-signature'),
    body,
  };
  const by = await signedCaller(call, new Date(), mustNotRushAs);
  const taken = await letIn(fromGeneric(parse(GenericAlert, jsonOf(body.toString()), 'The alert')), by);
  context.log(`Alert ${taken.id} (${taken.how}) of ${by.name} (${by.id})`);
  await follow(taken, beginning(context), (message) => context.warn(message));
  return json(202, { alert: taken.id, how: taken.how });
});
