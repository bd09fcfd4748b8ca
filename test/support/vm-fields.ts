// Builds the VM fields of a request to enable replication.

/** A VM with settings of its own. */
export interface VmWithSettings {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** The fields of a request for these VMs, some with settings of their own. */
export function vmFieldsOf(...vms: readonly (string | VmWithSettings)[]) {
  const withSettings = vms.flatMap((vm) => (typeof vm === 'string' ? [] : [vm]));
  return {
    vms: vms.map((vm) => (typeof vm === 'string' ? vm : vm.id)),
    perVm: Object.fromEntries(withSettings.map(({ id, ...settings }) => [id, settings])),
  };
}
