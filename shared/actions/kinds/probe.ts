// Asks again and again until something is up. It may reach what requests may reach, and nothing
// else: else a plan would be a way to look around in a network.
import { config } from '../../core/config.ts';
import type { ProbeTarget } from '../../plans/rules/action.ts';
import { call, reach, type Heard, type OutboundRules } from '../../delivery/outbound.ts';
import {
  actionOf,
  fail,
  rejected,
  succeed,
  waits,
  type Kind,
  type Next,
  type Turn,
} from '../../attempts/turn.ts';

export const probe: Kind = { acts: false, follow };

async function follow(turn: Turn): Promise<Next> {
  const { target, everySeconds } = actionOf(turn.step, 'probe');
  const { LIFEBOAT_CALLBACKS: allowed, LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: timeoutSeconds } = config();
  const heard = await ask(target, { allowed, timeoutSeconds });
  const name = 'url' in target ? target.url : target.tcp;
  if (heard.kind === 'refused')
    return fail(turn, rejected('AddressNotAllowed', `${turn.step.targetName} asked nothing: ${heard.why}`));
  if (heard.kind !== 'answer')
    return waits(turn, `${name}, which does not answer: ${heard.why}`, everySeconds);
  if (!('url' in target)) return succeed(turn, `${name} takes connections.`);
  if (!target.status.includes(heard.status))
    return waits(
      turn,
      `${name}, which answers with ${heard.status} and not with ${target.status.join(' or ')}`,
      everySeconds,
    );
  return succeed(turn, `${name} answers with ${heard.status}.`, { output: String(heard.status) });
}

const ask = (target: ProbeTarget, rules: OutboundRules): Promise<Heard> =>
  'url' in target
    ? call({ url: target.url, method: 'GET', headers: { 'user-agent': 'Lifeboat' }, body: '' }, rules)
    : reach(target.tcp, rules);
