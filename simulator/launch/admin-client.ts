// A client of the admin server and the clock, for the simulator's starter and for tests.

import type { BudgetSettings } from '../arm/budgets.ts';
import type { RunCommand, RunOutcome } from '../arm/run-commands.ts';
import type { RunbookJob, RunbookOutcome } from '../arm/runbook-jobs.ts';
import type { ServerAddresses } from '../azure/server-addresses.ts';
import type { WriteRecord } from '../siterecovery/records.ts';
import type { FaultRecord, FaultRule } from '../wire/fault.ts';

/** A write that Site Recovery accepted, with what became of its job. */
export interface SiteRecoveryWrite extends WriteRecord {
  readonly jobState: string;
  readonly endedAt: number | null;
  readonly errorCode: string | null;
  /** Its job was not refused before it touched anything. */
  readonly didWork: boolean;
}

/** A replicated item as it truly is, whatever Site Recovery shows of it yet. */
export interface SiteRecoveryItem {
  readonly lifecycleId: string;
  readonly vault: string;
  readonly name: string;
  readonly id: string;
  readonly state: string;
  readonly protectionState: string;
  readonly busyWith: string | null;
  readonly machines: readonly { readonly id: string; readonly state: string }[];
}

/** A call that Site Recovery in the simulator does not know. */
export interface UnknownCall {
  readonly method: string;
  readonly path: string;
  readonly at: number;
}

export interface AdminClient {
  /**
   * A token for one of the simulator's principals: for ARM if it has rights there, otherwise for
   * Lifeboat, unless `resource` is given.
   */
  token(who: string, resource?: string): Promise<string>;
  /** Story time. */
  now(): Promise<Date>;
  /** Moves a jumping clock by hand. */
  advance(seconds: number): Promise<Date>;
  readonly faults: {
    add(rule: FaultRule): Promise<void>;
    remove(id: string): Promise<void>;
    list(): Promise<FaultRecord[]>;
  };
  readonly arm: {
    /** How many calls ARM takes of each kind; what is given is changed. */
    budgets(change?: Partial<BudgetSettings>): Promise<BudgetSettings>;
    /** Since it was started. */
    calls(): Promise<{ readonly taken: number; readonly throttled: number }>;
    /** The scripts that were run in machines. */
    commands(): Promise<RunCommand[]>;
    /** How a script will end; a later outcome goes before an earlier one. */
    setCommandOutcome(outcome: Partial<RunOutcome>): Promise<RunOutcome[]>;
    /** The runbooks that were started. */
    runbooks(): Promise<RunbookJob[]>;
    setRunbookOutcome(outcome: Partial<RunbookOutcome>): Promise<RunbookOutcome[]>;
  };
  readonly siteRecovery: {
    writes(): Promise<SiteRecoveryWrite[]>;
    items(): Promise<SiteRecoveryItem[]>;
    unknown(): Promise<UnknownCall[]>;
  };
}

export function createAdminClient(addresses: () => ServerAddresses): AdminClient {
  const admin = <Body>(method: string, path: string, body?: unknown): Promise<Body> =>
    requestJson<Body>(addresses().admin, method, path, body);
  const clock = async (method: string, path: string, body?: unknown): Promise<Date> =>
    new Date((await requestJson<{ now: string }>(addresses().clock, method, path, body)).now);

  return {
    token: async (who, resource) =>
      (await admin<{ token: string }>('POST', '/tokens', { who, resource })).token,
    now: () => clock('GET', '/now'),
    advance: (seconds) => clock('POST', '/advance', { seconds }),
    faults: {
      add: (rule) => admin('POST', '/faults', rule),
      remove: (id) => admin('DELETE', `/faults/${encodeURIComponent(id)}`),
      list: () => admin('GET', '/faults'),
    },
    arm: {
      budgets: (change) => admin(change === undefined ? 'GET' : 'POST', '/arm/budgets', change),
      calls: () => admin('GET', '/arm/calls'),
      commands: () => admin('GET', '/arm/commands'),
      setCommandOutcome: (outcome) => admin('POST', '/arm/commands', outcome),
      runbooks: () => admin('GET', '/arm/runbooks'),
      setRunbookOutcome: (outcome) => admin('POST', '/arm/runbooks', outcome),
    },
    siteRecovery: {
      writes: () => admin('GET', '/siterecovery/writes'),
      items: () => admin('GET', '/siterecovery/items'),
      unknown: () => admin('GET', '/siterecovery/unknown'),
    },
  };
}

async function requestJson<Body>(base: string, method: string, path: string, body: unknown): Promise<Body> {
  const answer = await fetch(new URL(path, base), {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} of the simulator: ${answer.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as Body;
}
