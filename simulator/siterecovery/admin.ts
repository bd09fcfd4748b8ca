// The admin routes of Site Recovery for tests. They show the true writes and the true state. Azure
// has no such routes.

import * as z from 'zod';

import type { SimulatorResponse, Handler } from '../wire/exchange.ts';
import { doesWork, type JobEngine } from './job-engine.ts';
import type { ItemJobs } from './item-jobs.ts';
import { errorOf, type ReadLag } from './records.ts';
import type { OnPremises } from './on-premises.ts';
import { SITE_ACTIONS } from './providers/providers.ts';
import type { SiteRecoveryStore } from './store.ts';
import { stateRow } from './provider-table.ts';
import type { Vaults } from './vault.ts';

interface AdminOptions {
  readonly store: SiteRecoveryStore;
  readonly vaults: Vaults;
  readonly onPremises: OnPremises;
  readonly engine: JobEngine;
  readonly items: ItemJobs;
}

const seconds = z.number().min(0);
const lagSchema = z
  .strictObject({
    jobListSeconds: seconds,
    itemSeconds: seconds,
    freshJobSeconds: seconds,
    freshJobHidesActivityId: z.boolean(),
  })
  .partial();

/** Lists every accepted write with the outcome of its job. */
function listWrites(store: SiteRecoveryStore) {
  return store.writes().map((write) => {
    const job = store.job(write.jobId);
    const error = job?.state === 'Failed' ? errorOf(job) : undefined;
    return {
      ...write,
      jobState: job?.state ?? 'NotStarted',
      endedAt: job?.endedAt ?? null,
      errorCode: error?.code ?? null,
      didWork: job !== undefined && doesWork(job),
    };
  });
}

function currentItems({ store, vaults, items }: AdminOptions) {
  return [...store.items()].map((item) => {
    const vault = vaults.require(item.vault);
    const provider = items.providerOf(item);
    return {
      lifecycleId: item.key,
      vault: vault.name,
      name: item.name,
      id: vault.itemId(item),
      state: item.state,
      protectionState: stateRow(provider.table, item.state).protectionState,
      busyWith: item.busyWith,
      machines: provider.machines(item, vault),
    };
  });
}

/** The servers and machines of the companies' own sites, with their true states. */
const currentSites = ({ onPremises }: AdminOptions) => ({
  servers: onPremises.servers().map((server) => ({ ...server, isDark: onPremises.isDark(server.name) })),
  machines: onPremises.machines().map((machine) => ({ ...machine, power: onPremises.powerOf(machine) })),
});

/** Plays what a person does in a company's own site. Undefined: there is no such action. */
function actInSite(options: AdminOptions, action: string, body: unknown): SimulatorResponse | undefined {
  const act = SITE_ACTIONS[action];
  const result = act && options.engine.transaction(() => act(body, options, options.engine.advance()));
  if (!result) return undefined;
  return 'problem' in result
    ? { status: 409, body: { error: result.problem } }
    : { status: 200, body: result };
}

function setLag(store: SiteRecoveryStore, body: unknown): SimulatorResponse {
  const read = lagSchema.safeParse(body);
  if (!read.success) return { status: 400, body: { error: z.prettifyError(read.error) } };
  const changes = Object.fromEntries(
    Object.entries(read.data).filter(([, value]) => value !== undefined),
  ) as Partial<ReadLag>;
  const lag: ReadLag = { ...store.lag, ...changes };
  store.putSetting('lag', lag);
  return { status: 200, body: lag };
}

export function createAdmin(options: AdminOptions): Handler {
  const { store, engine } = options;
  return (exchange) => {
    engine.advance();
    const path = exchange.path.split('?')[0]?.replace(/^\/siterecovery/, '');
    switch (`${exchange.method} ${path}`) {
      case 'GET /writes':
        return { status: 200, body: listWrites(store) };
      case 'GET /items':
        return { status: 200, body: currentItems(options) };
      case 'GET /on-premises':
        return { status: 200, body: currentSites(options) };
      case 'GET /unknown':
        return { status: 200, body: store.unknown() };
      case 'GET /lag':
        return { status: 200, body: store.lag };
      case 'POST /lag':
        return setLag(store, exchange.json());
      default:
        return (
          actInSite(
            options,
            /^POST \/on-premises\/(\w+)$/.exec(`${exchange.method} ${path}`)?.[1] ?? '',
            exchange.json(),
          ) ?? {
            status: 404,
            body: { error: `No ${exchange.method} ${exchange.path} here.` },
          }
        );
    }
  };
}
