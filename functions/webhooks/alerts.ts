// POST /api/v1/alerts/...: alerts come in, from Azure Monitor or from any sender with a key.
import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { follow } from '../../shared/alerts/act.ts';
import { bringerWithToken, letIn, type LetIn } from '../../shared/alerts/receive.ts';
import { CommonAlert, fromAzureMonitor, fromGeneric, GenericAlert } from '../../shared/alerts/rules/alert.ts';
import { signedCaller } from '../../shared/alerts/signed.ts';
import { parse } from '../../shared/core/parse.ts';
import { bytesFrom, jsonOf } from '../../shared/http/body.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { bodyOf } from '../http/input.ts';
import { mustNotRushAs } from '../http/secure.ts';
import { startAccepted } from '../startOrchestration.ts';

/** Lifeboat reads no larger body before the sender has shown a key. */
const MAX_BYTES_UNSIGNED = 64 * 1024;

async function received(alert: LetIn, context: InvocationContext): Promise<Answer> {
  await follow(
    alert,
    (job) => startAccepted(context, job),
    (message) => context.warn(message),
  );
  return json(202, { alert: alert.id, how: alert.how });
}

/** An alert in the common schema of Azure Monitor, by a secure webhook, which brings a token of Entra ID. */
export async function receiveAzureMonitorAlert(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const alert = parse(CommonAlert, await bodyOf(request), 'The alert');
  return received(await letIn(fromAzureMonitor(alert), bringerWithToken(caller)), context);
}

/** An alert without a token: shared/alerts/signed.ts checks the signature. */
export async function receiveGenericAlert(request: HttpRequest, context: InvocationContext): Promise<Answer> {
  const header = (name: string): string | null => request.headers.get(name);
  const body = await bytesFrom(request, MAX_BYTES_UNSIGNED);
  const call = {
    timestamp: header('webhook-timestamp'),
    nonce: header('webhook-nonce'),
    signature: header('webhook-signature'),
    body,
  };
  const by = await signedCaller(call, new Date(), mustNotRushAs);
  const taken = await letIn(fromGeneric(parse(GenericAlert, jsonOf(body.toString()), 'The alert')), by);
  context.log(`Alert ${taken.id} (${taken.how}) of ${by.name} (${by.id})`);
  return received(taken, context);
}
