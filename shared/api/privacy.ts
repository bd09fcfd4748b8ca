// What is sent where and why, how to turn it off, and what Lifeboat itself keeps and for how long:
// as data, and as a page for people.
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { escapeHtml, htmlPage, htmlTable } from './htmlPage.ts';

export interface SentData {
  readonly feature: string;
  readonly what: string;
  readonly where: string;
  readonly why: string;
}

const SITE_RECOVERY = 'Azure Site Recovery, in the region of the vault, over HTTPS';

export const SENT_DATA: readonly SentData[] = [
  {
    feature: 'registration',
    what: 'names of VMM servers and of their clouds',
    where: SITE_RECOVERY,
    why: 'to know between which servers and clouds VMs can be replicated',
  },
  {
    feature: 'enabling replication',
    what: 'names and ids of VMs, and the settings that they are replicated with',
    where: SITE_RECOVERY,
    why: 'to replicate exactly these VMs',
  },
  {
    feature: 'recovery plans',
    what: 'data of the VMs in them, scripts and notes',
    where: `${SITE_RECOVERY}; of a plan of Lifeboat's own only what a step of it does`,
    why: 'to run them in their order',
  },
  {
    feature: 'network mapping',
    what: 'names and ids of logical networks and of networks in Azure',
    where: SITE_RECOVERY,
    why: 'to connect VMs to the right network after a failover',
  },
  {
    feature: 'failover',
    what: 'which VMs are brought over, to which point in time, and how that stands',
    where: SITE_RECOVERY,
    why: 'to do it, and to show how far it is',
  },
  {
    feature: 'news',
    what:
      'events of jobs: names of VMs, states, errors, who asked; what persons are asked; alarms ' +
      'about plans; the runbook of each plan, with ids of its VMs',
    where: 'the Service Bus topic and the call-back addresses that were saved, over TLS',
    why: 'so that tickets and people learn of it',
  },
];

export const HOW_TO_TURN_OFF =
  'There is no switch that keeps a feature and sends nothing: not using the feature is the ' +
  'only way to turn this off.';

const CONTAINER_CONTENTS: Readonly<Record<string, string>> = {
  jobs:
    'jobs with their steps, logs, answers and news: what was asked and who steered it (id, ' +
    'name, roles), and what happened to which VM; commands that a queue brought and that ' +
    'were refused, with their sender; alarms about plans; what persons were asked; the ' +
    'runbook of each plan as it was told',
  jobIndex: 'a summary of each job, for lists',
  registry: 'replicated VMs, vaults, and which job holds a VM',
  plans:
    'recovery plans with all of their versions and who saved them, schedules with in whose ' +
    'name they act (id, name, roles), each start that was due and what came of it, and how ' +
    'long things took',
  settings:
    'call-back addresses, the names of their keys and who saved them, alert rules with in ' +
    'whose name they act, write budgets',
  alerts:
    'alerts that came in, what rules decided about them and who voted; nonces of signed ' +
    'calls, which go by themselves within minutes',
};

export interface StoredData {
  readonly where: string;
  readonly what: string;
  readonly howLong: string;
}

const NO_EXPIRY = 'until somebody deletes it: nothing goes by itself';
const daysOf = (duration: string): string => `${/^P(\d+)D$/.exec(duration)?.[1] ?? duration} days`;

/** By what stands in the agreement that the deployment is made from. */
export function storedByLifeboat(): readonly StoredData[] {
  const containers = agreement.containers.map((container) => ({
    where: `Cosmos DB, ${container.id}`,
    what: CONTAINER_CONTENTS[container.id] ?? '',
    howLong:
      'defaultTtl' in container && container.defaultTtl > 0 ? `${container.defaultTtl} seconds` : NO_EXPIRY,
  }));
  const queues = agreement.serviceBus.queues.map(({ name, defaultMessageTimeToLive }) => ({
    where: `Service Bus, queue ${name}`,
    what: 'commands, until they are taken; those refused, with the reason',
    howLong: `at most ${daysOf(defaultMessageTimeToLive)}`,
  }));
  const topics = agreement.serviceBus.topics.flatMap(({ name, subscriptions }) =>
    subscriptions.map((topicSubscription) => ({
      where: `Service Bus, topic ${name}, subscription ${topicSubscription.name}`,
      what: 'the same news, until they are taken',
      howLong: `at most ${daysOf(topicSubscription.defaultMessageTimeToLive)}`,
    })),
  );
  return [...containers, ...queues, ...topics];
}

export const privacyView = () => ({
  sent: [...SENT_DATA],
  turningOff: HOW_TO_TURN_OFF,
  kept: [...storedByLifeboat()],
});

export function privacyPage(): string {
  const { sent, turningOff, kept } = privacyView();
  const sentTable = htmlTable(
    ['feature', 'what', 'where', 'why'],
    sent.map(({ feature, what, where, why }) => [feature, what, where, why]),
  );
  const keptTable = htmlTable(
    ['where', 'what', 'how long'],
    kept.map(({ where, what, howLong }) => [where, what, howLong]),
  );
  return htmlPage(
    'Lifeboat: what is sent and kept',
    `<h1>What is sent where, and what is kept</h1><h2>Sent</h2>${sentTable}\n` +
      `<p>${escapeHtml(turningOff)}</p><h2>Kept by Lifeboat</h2>${keptTable}`,
  );
}
