// Describes the data that Lifeboat sends and keeps: as data, and as a page for people. The
// descriptions must stay complete, because operators rely on them.
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { escapeHtml, htmlPage, htmlTable } from './htmlPage.ts';

/** One kind of data that leaves Lifeboat. */
export interface SentData {
  readonly feature: string;
  readonly what: string;
  readonly where: string;
  readonly why: string;
}

const SITE_RECOVERY = 'Azure Site Recovery, in the region of the vault, over HTTPS';

/** All data that leaves Lifeboat, by feature. */
export const SENT_DATA: readonly SentData[] = [
  {
    feature: 'registration',
    what:
      'names of VMM servers and of their clouds, names of Hyper-V sites and hosts; a registration key, which ' +
      'Lifeboat does not keep, goes to its caller',
    where: SITE_RECOVERY,
    why: 'to know between which servers, sites and clouds VMs can replicate',
  },
  {
    feature: 'enabling replication',
    what: 'names and ids of VMs, and their replication settings',
    where: SITE_RECOVERY,
    why: 'to replicate exactly these VMs',
  },
  {
    feature: 'recovery plans',
    what: 'data of the VMs in them, scripts and notes',
    where: `${SITE_RECOVERY}; for a Lifeboat plan only the requests of its steps`,
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
    what: 'the VMs, their recovery points and the progress',
    where: SITE_RECOVERY,
    why: 'to run the failover and to show its progress',
  },
  {
    feature: 'events',
    what:
      'events of jobs: names of VMs, states, errors, the caller; questions to people; alarms ' +
      'about plans; the runbook of each plan, with ids of its VMs',
    where: 'the Service Bus topic and the saved call-back addresses, over TLS',
    why: 'to inform tickets and people',
  },
];

/** The text about turning a feature off. */
export const HOW_TO_TURN_OFF =
  'No switch keeps a feature and sends nothing: not using the feature is the ' + 'only way to turn this off.';

const CONTAINER_CONTENTS: Readonly<Record<string, string>> = {
  jobs:
    'jobs with their steps, logs, answers and events: the command and the people in control (id, ' +
    'name, roles), and the results for each VM; refused commands from the queue, with their ' +
    'sender; alarms about plans; questions to people; the ' +
    'published runbook of each plan',
  jobIndex: 'a summary of each job, for lists',
  registry: 'replicated VMs, vaults, and the job that holds the lock of a VM',
  plans:
    'recovery plans with all versions and authors, schedules with the person behind ' +
    'them (id, name, roles), each due start with its result, and measured ' +
    'durations',
  settings:
    'call-back addresses, the names of their keys and their authors, alert rules with the ' +
    'person behind them, confirmed checks with the person behind them, write budgets',
  alerts:
    'accepted alerts, the decisions of rules and the voters; nonces of signed ' +
    'calls, which expire within minutes',
};

/** One kind of data that Lifeboat keeps. */
export interface StoredData {
  readonly where: string;
  readonly what: string;
  readonly howLong: string;
}

const NO_EXPIRY = 'until somebody deletes it: nothing expires by itself';
const daysOf = (duration: string): string => `${/^P(\d+)D$/.exec(duration)?.[1] ?? duration} days`;

/** The retention times come from the same agreement file as the deployment. */
export function storedByLifeboat(): readonly StoredData[] {
  const containers = agreement.containers.map((container) => ({
    where: `Cosmos DB, ${container.id}`,
    what: CONTAINER_CONTENTS[container.id] ?? '',
    howLong:
      'defaultTtl' in container && container.defaultTtl > 0 ? `${container.defaultTtl} seconds` : NO_EXPIRY,
  }));
  const queues = agreement.serviceBus.queues.map(({ name, defaultMessageTimeToLive }) => ({
    where: `Service Bus, queue ${name}`,
    what: 'commands, until Lifeboat takes them; refused commands, with the reason',
    howLong: `at most ${daysOf(defaultMessageTimeToLive)}`,
  }));
  const topics = agreement.serviceBus.topics.flatMap(({ name, subscriptions }) =>
    subscriptions.map((topicSubscription) => ({
      where: `Service Bus, topic ${name}, subscription ${topicSubscription.name}`,
      what: 'the same events, until a receiver takes them',
      howLong: `at most ${daysOf(topicSubscription.defaultMessageTimeToLive)}`,
    })),
  );
  return [...containers, ...queues, ...topics];
}

/** The privacy information as data. */
export const privacyView = () => ({
  sent: [...SENT_DATA],
  turningOff: HOW_TO_TURN_OFF,
  kept: [...storedByLifeboat()],
});

/** The privacy information as a page for people. */
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
    'Lifeboat: sent and kept data',
    `><h1>Sent and kept data</h1>><h2>Sent</h2>${sentTable}\n` +
      `<p>${escapeHtml(turningOff)}</p><h2>Kept by Lifeboat</h2>${keptTable}`,
  );
}
