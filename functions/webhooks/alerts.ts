// POST /api/v1/alerts/...: receives alerts from Azure Monitor, or from any sender with a key.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { processAlert } from '../../shared/alerts/processAlerts.ts';
import { senderWithToken, receiveAlert, type ReceivedAlert } from '../../shared/alerts/receive.ts';
import {
  CommonAlert,
  alertFromAzureMonitor,
  alertFromGeneric,
  GenericAlert,
} from '../../shared/alerts/rules/alert.ts';
import { verifySignedCall } from '../../shared/alerts/signedCall.ts';
import { parseInput } from '../../shared/core/parse.ts';
import { readBodyBytes, parseJsonBody } from '../../shared/http/body.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { bodyOf } from '../http/input.ts';
import { assertCallerRate } from '../http/secure.ts';
import type { OrchestrationContext } from '../orchestrations.ts';
import { startAccepted } from '../startOrchestration.ts';

/** Lifeboat reads no larger body before the sender has shown a key. */
const MAX_BYTES_UNSIGNED = 64 * 1024;

async function answerAfterAlert(alert: ReceivedAlert, context: OrchestrationContext): Promise<HttpAnswer> {
  await processAlert(
    alert,
    (job) => startAccepted(context, job),
    (message) => context.warn(message),
  );
  return jsonAnswer(202, { alert: alert.id, how: alert.how });
}

/** An alert in the common schema of Azure Monitor, by a secure webhook, which brings a token of Entra ID. */
export async function receiveAzureMonitorAlert(
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  const alert = parseInput(CommonAlert, await bodyOf(request), 'The alert');
  return answerAfterAlert(await receiveAlert(alertFromAzureMonitor(alert), senderWithToken(caller)), context);
}

/** An alert without a token: shared/alerts/signedCall.ts checks the signature. */
export async function receiveGenericAlert(
  request: HttpRequest,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  const header = (name: string): string | null => request.headers.get(name);
  const body = await readBodyBytes(request, MAX_BYTES_UNSIGNED);
  const call = {
    timestamp: header('webhook-timestamp'),
    nonce: header('webhook-nonce'),
    signature: header('webhook-signature'),
    body,
  };
  const by = await verifySignedCall(call, new Date(), assertCallerRate);
  const taken = await receiveAlert(
    alertFromGeneric(parseInput(GenericAlert, parseJsonBody(body.toString()), 'The alert')),
    by,
  );
  context.log(`Alert ${taken.id} (${taken.how}) of ${by.name} (${by.id})`);
  return answerAfterAlert(taken, context);
}
