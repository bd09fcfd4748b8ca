// A simulator that receives alerts, and the commands that its rules start.
import { randomUUID } from 'node:crypto';
import type { LocalOptions } from '../../local/start-lifeboat.ts';
import type { decisionView, alertRuleView } from '../../shared/api/alertViews.ts';
import type { ReceivedAlert } from '../../shared/alerts/receive.ts';
import { azureMonitorAlert, genericAlert, signedHeaders, type AlertKey } from './alerts.ts';
import type { Problem, Reply } from './lifeboat-client.ts';
import { openDatabase, startEventEnvironment, type EventEnvironment } from './event-environment.ts';

export const ALERT_KEYS: readonly [AlertKey, AlertKey] = [
  { id: 'grid', secret: Buffer.from('the newer key of who sends alerts').toString('base64') },
  { id: 'grid/old', secret: Buffer.from('the older key of who sends alerts').toString('base64') },
];

export type AlertRuleView = ReturnType<typeof alertRuleView>;
export type AlertDecisionView = ReturnType<typeof decisionView>;
export type AlertAnswer = { readonly alert: ReceivedAlert['id']; readonly how: ReceivedAlert['how'] };

export interface AlertEnvironment extends EventEnvironment {
  /** A failover of a VM that no earlier call has named; from the first one on again when all are named. */
  nextFailover(): { readonly operation: string; readonly vms: readonly string[] };
  /** The simulated time in so many minutes. */
  timeInMinutes(minutes?: number): Promise<string>;
  callAlertRule<T = AlertRuleView & Problem>(
    method: string,
    path: string,
    options?: { readonly body?: unknown; readonly who?: string; readonly ifMatch?: string },
  ): Promise<Reply<T>>;
  /** A Contributor creates the rule. */
  createAlertRule(name: string, rule: object, who?: string): Promise<AlertRuleView>;
  sendAzureMonitorAlert<T = AlertAnswer & Problem>(
    alert: Parameters<typeof azureMonitorAlert>[0],
    options?: { readonly who?: string; readonly token?: string },
  ): Promise<Reply<T>>;
  sendSignedAlert<T = AlertAnswer & Problem>(
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Reply<T>>;
  /** Sends as a sender does: with the signature of the first key. */
  sendGenericAlert(request: Parameters<typeof genericAlert>[0]): Promise<Reply<AlertAnswer & Problem>>;
  listDecisions(rule: string): Promise<readonly AlertDecisionView[]>;
  /** Answers the newest question of a decision, also after its end. */
  decide(
    id: string,
    answer: 'approved' | 'refused',
    who: string,
    more?: { readonly reason?: string; readonly question?: string },
  ): Promise<Reply<AlertDecisionView & Problem>>;
  /** Returns every document about alerts in the store. */
  readAlertDocuments(): Promise<readonly { readonly id: string; readonly type: string }[]>;
}

/** Simulated time jumps in these tests: an alert must be old only when a test intends it. */
const LONG_STALE_TIME = { LIFEBOAT_ALERT_STALE_MINUTES: '1440' };

export async function startAlertEnvironment(
  vms: number | readonly string[],
  options: Partial<LocalOptions> = {},
): Promise<AlertEnvironment> {
  const env = {
    ...LONG_STALE_TIME,
    LIFEBOAT_ALERT_KEYS: ALERT_KEYS.map(({ id, secret }) => `${id}=${secret}`).join(','),
    ...options.env,
  };
  const environment = await startEventEnvironment(vms, { ...options, env });
  const { lifeboat, simulator } = environment;
  const callAlertRule: AlertEnvironment['callAlertRule'] = (
    method,
    path,
    { body, who = 'contributor', ifMatch } = {},
  ) =>
    lifeboat.call(`/api/v1/alert-rules${path}`, {
      method,
      principal: who,
      body,
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    });
  const sendSignedAlert: AlertEnvironment['sendSignedAlert'] = async (body, headers) => {
    const answer = await fetch(new URL('/api/v1/alerts/generic', simulator.host.url), {
      method: 'POST',
      body,
      headers,
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as never };
  };
  let used = 0;
  return {
    ...environment,
    nextFailover() {
      const vm = environment.vms[used++ % environment.vms.length];
      if (!vm) throw new Error('The environment has no VM.');
      return { operation: 'failover', vms: [vm.id] };
    },
    callAlertRule,
    sendSignedAlert,
    timeInMinutes: async (minutes = 0) =>
      new Date((await simulator.now()).getTime() + minutes * 60_000).toISOString(),
    async createAlertRule(name, alert, who = 'contributor') {
      const created = await callAlertRule('PUT', `/${name}`, { body: alert, who });
      if (created.status !== 201)
        throw new Error(
          `Lifeboat did not save the rule ${name}: ${created.status} ${JSON.stringify(created.body)}`,
        );
      return created.body;
    },
    sendAzureMonitorAlert: (alert, { who = 'alerts', token } = {}) =>
      lifeboat.call('/api/v1/alerts/azure-monitor', {
        method: 'POST',
        principal: who,
        ...(token === undefined ? {} : { token }),
        body: azureMonitorAlert(alert),
      }),
    sendGenericAlert(alert) {
      const body = JSON.stringify(genericAlert(alert));
      return sendSignedAlert(body, signedHeaders(body, ALERT_KEYS[0], { nonce: randomUUID() }));
    },
    listDecisions: async (name) =>
      (
        await callAlertRule<{ decisions: readonly AlertDecisionView[] }>('GET', `/${name}/decisions`, {
          who: 'reader',
        })
      ).body.decisions,
    async decide(id, answer, who, more) {
      const path = `/api/v1/alert-decisions/${id}`;
      const { body } = await lifeboat.call<Partial<AlertDecisionView>>(path, { principal: 'reader' });
      const question = `approval:${body.approval?.askedAt ?? 'none'}`;
      return lifeboat.call(`${path}/answers`, {
        method: 'POST',
        principal: who,
        body: { question, answer, ...more },
      });
    },
    readAlertDocuments: async () =>
      (await openDatabase(simulator).container('alerts').items.query('SELECT * FROM c').fetchAll())
        .resources as { id: string; type: string }[],
  };
}
