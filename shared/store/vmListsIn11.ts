// The migration to schema 11, which gave the VMs of every command one shape: a list of ids. Earlier,
// a command to enable replication listed objects with the settings of each VM. Reads of schema 10
// documents call it.

type Shape = Readonly<Record<string, unknown>>;

/** Moves the settings of the VMs from `vms` to `perVm`. */
function withVmIds(command: Shape): Shape {
  const { vms, operation } = command;
  if (!Array.isArray(vms) || 'perVm' in command || !ENABLING.has(operation)) return command;
  const requests = vms as readonly ({ readonly id: string } & Shape)[];
  return {
    ...command,
    vms: requests.map(({ id }) => id),
    perVm: Object.fromEntries(
      requests.flatMap(({ id, ...settings }) => (hasSettings(settings) ? [[id, settings]] : [])),
    ),
  };
}

const ENABLING: ReadonlySet<unknown> = new Set(['enableReplication', 'prepareVault']);

/** A list of disks without an entry says nothing. */
const hasSettings = ({ disks, ...others }: Shape): boolean =>
  (disks as readonly unknown[]).length > 0 || Object.keys(others).length > 0;

/** The migration steps from schema 10 to 11, by document type. */
export const VM_LISTS_IN_11: Readonly<Record<string, (older: Shape) => Shape>> = {
  job: (job) =>
    job['command'] === undefined ? job : { ...job, command: withVmIds(job['command'] as Shape) },
};
