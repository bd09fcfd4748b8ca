// Checks whether Lifeboat can work now. Each check tries or reads one dependency. The readiness
// route calls this module.
import { ARM_SCOPE, azureCredential } from '../core/credential.ts';
import { clock } from '../core/clock.ts';
import { config, unresolvedSettings } from '../core/config.ts';
import { messageOf } from '../core/errors.ts';
import { checkTopic } from '../delivery/topic.ts';
import { listUnfinishedJobs } from '../journal/job.ts';
import { readDeliveryLag } from '../journal/outbox.ts';
import { readCallback } from '../delivery/callbackStore.ts';
import type { Orchestrations } from './sweep.ts';

/** The result of one check. */
export interface ReadyCheck {
  readonly name: 'settings' | 'store' | 'signIn' | 'bus' | 'deliveries' | 'orchestrations';
  /** `warn`: Lifeboat works, but something is late. `fail`: Lifeboat cannot work without it. */
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly message: string;
  readonly milliseconds: number;
}
type Finding = Pick<ReadyCheck, 'verdict' | 'message'>;

const pass = (message: string): Finding => ({ verdict: 'pass', message });
const warn = (message: string): Finding => ({ verdict: 'warn', message });

/** Wall time. */
const TIMEOUT_MILLISECONDS = 10_000;
/** Simulated seconds: the timers run once a minute. */
const LATE_SECONDS = 150;
const MAX_NAMED = 10;

/** Runs all checks at the same time. */
export async function checkServiceReadiness(orchestrations: Orchestrations): Promise<readonly ReadyCheck[]> {
  const now = await clock().now();
  return Promise.all([
    runCheck('settings', 'fail', () => Promise.resolve(checkSettings())),
    runCheck('store', 'fail', async () => {
      await readCallback('none');
      return pass('Cosmos DB answers.');
    }),
    runCheck('signIn', 'fail', async () => {
      await (await azureCredential()).getToken(ARM_SCOPE);
      return pass('The managed identity gets tokens for Azure Resource Manager.');
    }),
    runCheck('bus', 'warn', checkServiceBus),
    runCheck('deliveries', 'warn', () => deliveries(now)),
    runCheck('orchestrations', 'warn', () => checkOrchestrations(orchestrations, now)),
  ]);
}

/** The caller has passed the sign-in, so the settings are valid as far as Lifeboat can judge. */
function checkSettings(): Finding {
  const names = unresolvedSettings();
  if (names.length === 0) return pass('All settings are right.');
  return warn(
    `${names.join(', ')}: Azure could not resolve the reference to Key Vault, so the keys ` +
      'are missing. Check the secret and the permission to read it.',
  );
}

async function runCheck(
  name: ReadyCheck['name'],
  failureVerdict: 'warn' | 'fail',
  run: () => Promise<Finding>,
): Promise<ReadyCheck> {
  const begun = performance.now();
  const found = await withTimeout(run()).catch((error: unknown): Finding => ({
    verdict: failureVerdict,
    message: messageOf(error),
  }));
  return { name, ...found, milliseconds: Math.round(performance.now() - begun) };
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`No answer within ${TIMEOUT_MILLISECONDS / 1000} s.`)),
      TIMEOUT_MILLISECONDS,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function checkServiceBus(): Promise<Finding> {
  if (config().LIFEBOAT_SERVICEBUS === undefined) return pass('No Service Bus is configured.');
  await checkTopic();
  return pass('The topic of Service Bus can be reached.');
}

const secondsSince = (time: string | null, now: Date): number =>
  time === null ? 0 : Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1000));

async function deliveries(now: Date): Promise<Finding> {
  const { unnumbered, failing, undelivered } = await readDeliveryLag();
  const late = secondsSince(unnumbered, now);
  const problems = [
    ...(late > LATE_SECONDS ? [`Events have waited for ${late} s to be numbered.`] : []),
    ...(failing === null ? [] : [`A target has not taken its events for ${secondsSince(failing, now)} s.`]),
    ...(undelivered === 0
      ? []
      : [`${undelivered} undelivered ranges wait to be resumed: GET /api/v1/undelivered lists them.`]),
  ];
  return problems.length === 0 ? pass('All events are delivered.') : warn(problems.join(' '));
}

async function checkOrchestrations(orchestrations: Orchestrations, now: Date): Promise<Finding> {
  const old = (await listUnfinishedJobs()).filter(
    (job) => secondsSince(job.repairedAt ?? job.acceptedAt, now) > LATE_SECONDS,
  );
  const withoutOrchestration: string[] = [];
  for (const { jobId, epoch } of old)
    if ((await orchestrations.state(jobId, epoch)) !== 'alive') withoutOrchestration.push(jobId);
  if (withoutOrchestration.length === 0) return pass('Every unfinished job has its orchestration.');
  return warn(
    `${withoutOrchestration.length} unfinished jobs have no orchestration. The sweep restarts them within ` +
      `two minutes, unless it does not run: ${withoutOrchestration.slice(0, MAX_NAMED).join(', ')}.`,
  );
}
