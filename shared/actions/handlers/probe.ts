// Handles probe actions: repeats a request until the target is up.
// A probe reaches only the allowed addresses of http actions. Otherwise a plan could scan a network.

import { config } from '../../core/config.ts';
import type { ProbeTarget } from '../../plans/rules/action.ts';
import {
  sendRequest,
  tryConnection,
  type OutboundResult,
  type OutboundRules,
} from '../../delivery/outboundHttp.ts';
import {
  actionOf,
  fail,
  rejectedFault,
  succeed,
  keepWaiting,
  type ActionHandler,
  type NextActionPoll,
  type ActionContext,
} from '../../attempts/actionContext.ts';

export const probeHandler: ActionHandler = { runsExternally: false, poll: pollProbe };

async function pollProbe(context: ActionContext): Promise<NextActionPoll> {
  const { target, everySeconds } = actionOf(context.step, 'probe');
  const { LIFEBOAT_CALLBACKS: allowed, LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: timeoutSeconds } = config();
  const result = await sendProbe(target, { allowed, timeoutSeconds });
  const probedAddress = 'url' in target ? target.url : target.tcp;
  if (result.kind === 'refused')
    return fail(
      context,
      rejectedFault('AddressNotAllowed', `${context.step.targetName} asked nothing: ${result.reason}`),
    );
  if (result.kind !== 'answer')
    return keepWaiting(context, `${probedAddress}, which does not answer: ${result.reason}`, everySeconds);
  if (!('url' in target)) return succeed(context, `${probedAddress} takes connections.`);
  if (!target.status.includes(result.status))
    return keepWaiting(
      context,
      `${probedAddress}, which answers with ${result.status} and not with ${target.status.join(' or ')}`,
      everySeconds,
    );
  return succeed(context, `${probedAddress} answers with ${result.status}.`, {
    output: String(result.status),
  });
}

const sendProbe = (target: ProbeTarget, rules: OutboundRules): Promise<OutboundResult> =>
  'url' in target
    ? sendRequest({ url: target.url, method: 'GET', headers: { 'user-agent': 'Lifeboat' }, body: '' }, rules)
    : tryConnection(target.tcp, rules);
