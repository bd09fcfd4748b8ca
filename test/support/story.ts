// Scenes that several tests play: a desk with VMs, and an operation brought to its end on one of them.
import { randomUUID } from 'node:crypto';
import { startDesk, type Desk, type DeskOptions } from '../../desk/desk.ts';
import { generateEstate } from '../../desk/estates/generate.ts';
import type { FaultRule } from '../../desk/wire/fault.ts';
import { Lifeboat, type Replication } from './lifeboat.ts';

export interface Scene {
  readonly desk: Desk;
  readonly lifeboat: Lifeboat;
  readonly vms: readonly Replication[];
}

/** A claim of a dead sender is looked into after a second of wall time, so that a killed app need not wait long. */
const QUICK = { LIFEBOAT_SEND_TIMEOUT_SECONDS: '1' };

export interface SceneOptions extends DeskOptions {
  /** Starts a desk, of processes unless given. */
  readonly start?: typeof startDesk;
}

/** So many VMs made for the scene, or those of these names in an estate that is given. */
export async function scene(vms: number | readonly string[], { start = startDesk, ...options }: SceneOptions = {}): Promise<Scene> {
  const desk = await start({ clock: 'jumping', estate: typeof vms === 'number' ? generateEstate({ vms }) : 'contoso', ...options, env: { ...QUICK, ...options.env } });
  const lifeboat = new Lifeboat(desk);
  // The harsher of two ways: a job in its first seconds does not even tell whose it is.
  await fetch(new URL('/siterecovery/lag', desk.addresses.admin), { method: 'POST', body: JSON.stringify({ freshJobHidesActivityId: true }) }).then(mustBeOk);
  return { desk, lifeboat, vms: await (typeof vms === 'number' ? lifeboat.knows(vms) : lifeboat.knowsThese(vms)) };
}

function mustBeOk(answer: Response): void {
  if (!answer.ok) throw new Error(`The desk answered ${answer.status}.`);
}

export type Rule = Omit<FaultRule, 'id'>;

export async function withFault<T>(desk: Desk, rule: Rule, act: () => Promise<T>): Promise<{ result: T; acted: number }> {
  const id = randomUUID();
  await desk.faults.add({ ...rule, id });
  try {
    const result = await act();
    return { result, acted: (await desk.faults.list()).find((known) => known.id === id)?.acted ?? 0 };
  } finally {
    await desk.faults.remove(id);
  }
}

/** Site Recovery's own count: writes that started a job for this VM, and were not undone by that job's failure. */
export async function writesThatTook(desk: Desk, vmName: string, operation: string): Promise<number> {
  const writes = await desk.siteRecovery.writes();
  return writes.filter((write) => write.itemName === vmName && write.operation === operation && write.jobState !== 'Failed').length;
}
