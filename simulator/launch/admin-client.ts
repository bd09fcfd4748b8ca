// A client of the admin server and the clock service. The simulator's starter and tests use it.

import type { BudgetSettings } from '../arm/budgets.ts';
import type { RunCommand, RunOutcome } from '../arm/run-commands.ts';
import type { RunbookJob, RunbookOutcome } from '../arm/runbook-jobs.ts';
import type { ServerAddresses } from '../azure/server-addresses.ts';
import type { OnPremisesMachine, OnPremisesServer } from '../siterecovery/configuration-records.ts';
import type { WriteRecord } from '../siterecovery/records.ts';
import type { FaultRecord, FaultRule } from '../wire/fault.ts';

/** A write that Site Recovery accepted, with the state of its job. */
export interface SiteRecoveryWrite extends WriteRecord {
  readonly jobState: string;
  readonly endedAt: number | null;
  readonly errorCode: string | null;
  /** False when Site Recovery refused the job before the job changed anything. */
  readonly didWork: boolean;
}

/** The true state of a replicated item. Site Recovery may not show this state yet. */
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

/** A request that the simulator does not know. */
export interface UnknownCall {
  readonly method: string;
  readonly path: string;
  readonly at: number;
}

/** The companies' own sites, with the true power of each machine. */
export interface OnPremisesState {
  readonly servers: readonly (OnPremisesServer & { readonly isDark: boolean })[];
  readonly machines: readonly OnPremisesMachine[];
}

/** The operations of the admin server and the clock service. */
export interface AdminClient {
  /**
   * Returns a token for a principal. The audience is `resource`; by default ARM if the principal
   * has rights there, otherwise Lifeboat.
   */
  token(who: string, resource?: string): Promise<string>;
  /** Returns the simulated time. */
  now(): Promise<Date>;
  /** Moves a jumping clock by hand. Returns the new time. */
  advance(seconds: number): Promise<Date>;
  readonly faults: {
    add(rule: FaultRule): Promise<void>;
    remove(id: string): Promise<void>;
    list(): Promise<FaultRecord[]>;
  };
  readonly arm: {
    /** Returns the call budgets of ARM, after applying `change`. */
    budgets(change?: Partial<BudgetSettings>): Promise<BudgetSettings>;
    /** Counts the calls since the start of the server. */
    calls(): Promise<{ readonly taken: number; readonly throttled: number }>;
    /** Returns all scripts that ran in machines. */
    commands(): Promise<RunCommand[]>;
    /** Sets the outcome of later scripts. The newest outcome wins. */
    setCommandOutcome(outcome: Partial<RunOutcome>): Promise<RunOutcome[]>;
    /** Returns all started runbooks. */
    runbooks(): Promise<RunbookJob[]>;
    setRunbookOutcome(outcome: Partial<RunbookOutcome>): Promise<RunbookOutcome[]>;
  };
  readonly siteRecovery: {
    writes(): Promise<SiteRecoveryWrite[]>;
    items(): Promise<SiteRecoveryItem[]>;
    unknown(): Promise<UnknownCall[]>;
    /** Returns the servers and machines of the companies' own sites. */
    onPremises(): Promise<OnPremisesState>;
    /** Registers a Hyper-V host or a VMM server with the text of a registration key. */
    register(server: string, key: string): Promise<void>;
  };
}

/** Creates the client. It reads the addresses at each call, since a restart can change them. */
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
      onPremises: () => admin('GET', '/siterecovery/on-premises'),
      register: (server, key) => admin('POST', '/siterecovery/on-premises/register', { server, key }),
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
