// A simulator that alerts come to, and what is asked of its rules.
import { randomUUID } from 'node:crypto';
import type { LocalOptions } from '../../local/lifeboat.ts';
import type { decisionView, ruleView } from '../../shared/api/alertViews.ts';
import type { LetIn } from '../../shared/alerts/receive.ts';
import { azureMonitorAlert, genericAlert, signedHeaders, type AlertKey } from './alerts.ts';
import type { Problem, Reply } from './lifeboat.ts';
import { databaseOf, listening, type Listening } from './news.ts';

export const ALERT_KEYS: readonly [AlertKey, AlertKey] = [
  { id: 'grid', secret: Buffer.from('the newer key of who sends alerts').toString('base64') },
  { id: 'grid/old', secret: Buffer.from('the older key of who sends alerts').toString('base64') },
];

export type Rule = ReturnType<typeof ruleView>;
export type Decision = ReturnType<typeof decisionView>;
export type Taken = { readonly alert: LetIn['id']; readonly how: LetIn['how'] };

export interface Alerting extends Listening {
  /** A moment of the story, so many minutes from now. */
  moment(minutes?: number): Promise<string>;
  rule<T = Rule & Problem>(
    method: string,
    path: string,
    options?: { readonly body?: unknown; readonly who?: string; readonly ifMatch?: string },
  ): Promise<Reply<T>>;
  /** Made by a Contributor. */
  makes(name: string, rule: object, who?: string): Promise<Rule>;
  monitor<T = Taken & Problem>(
    wish: Parameters<typeof azureMonitorAlert>[0],
    options?: { readonly who?: string; readonly token?: string },
  ): Promise<Reply<T>>;
  signed<T = Taken & Problem>(body: string, headers: Readonly<Record<string, string>>): Promise<Reply<T>>;
  /** As its sender would: signed by the first key. */
  tells(wish: Parameters<typeof genericAlert>[0]): Promise<Reply<Taken & Problem>>;
  decisions(rule: string): Promise<readonly Decision[]>;
  decides(
    id: string,
    verb: 'approve' | 'refuse',
    who: string,
    body?: object,
  ): Promise<Reply<Decision & Problem>>;
  /** Everything that alerts have left in the store. */
  kept(): Promise<readonly object[]>;
}

/** In these stories time jumps: an alert is old only when a test wants it to be. */
const PATIENT = { LIFEBOAT_ALERT_STALE_MINUTES: '1440' };

export async function alerting(vms: number, options: Partial<LocalOptions> = {}): Promise<Alerting> {
  const env = {
    ...PATIENT,
    LIFEBOAT_ALERT_KEYS: ALERT_KEYS.map(({ id, secret }) => `${id}=${secret}`).join(','),
    ...options.env,
  };
  const world = await listening(vms, { ...options, env });
  const { lifeboat, simulator } = world;
  const rule: Alerting['rule'] = (method, path, { body, who = 'contributor', ifMatch } = {}) =>
    lifeboat.call(`/api/v1/alert-rules${path}`, {
      method,
      who,
      body,
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    });
  const signed: Alerting['signed'] = async (body, headers) => {
    const answer = await fetch(new URL('/api/v1/alerts/generic', simulator.host.url), {
      method: 'POST',
      body,
      headers,
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as never };
  };
  return {
    ...world,
    rule,
    signed,
    moment: async (minutes = 0) =>
      new Date((await simulator.now()).getTime() + minutes * 60_000).toISOString(),
    async makes(name, wish, who = 'contributor') {
      const made = await rule('PUT', `/${name}`, { body: wish, who });
      if (made.status !== 201)
        throw new Error(`The rule ${name} was not made: ${made.status} ${JSON.stringify(made.body)}`);
      return made.body;
    },
    monitor: (wish, { who = 'alerts', token } = {}) =>
      lifeboat.call('/api/v1/alerts/azure-monitor', {
        method: 'POST',
        who,
        ...(token === undefined ? {} : { token }),
        body: azureMonitorAlert(wish),
      }),
    tells(wish) {
      const body = JSON.stringify(genericAlert(wish));
      return signed(body, signedHeaders(body, ALERT_KEYS[0], { nonce: randomUUID() }));
    },
    decisions: async (name) =>
      (await rule<{ decisions: readonly Decision[] }>('GET', `/${name}/decisions`, { who: 'reader' })).body
        .decisions,
    decides: (id, verb, who, body) =>
      lifeboat.call(`/api/v1/alert-decisions/${id}/${verb}`, { method: 'POST', who, ...(body && { body }) }),
    kept: async () =>
      (await databaseOf(simulator).container('alerts').items.query('SELECT * FROM c').fetchAll())
        .resources as object[],
  };
}
