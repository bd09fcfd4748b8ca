// Site Recovery's names for the forms of an item. A reprotect changes the form, and nothing else of
// the item's identity.

/** The names with the replication appliance, in both directions. */
export const APPLIANCE = { toAzure: 'InMageRcm', home: 'InMageRcmFailback' } as const;
/** The names with the configuration server, which Microsoft is retiring, in both directions. */
export const CLASSIC = { toAzure: 'InMageAzureV2', home: 'InMage' } as const;

/** The form of an item, a policy or a mapping. */
export type Form = (typeof APPLIANCE | typeof CLASSIC)['toAzure' | 'home'];

const FORMS: readonly string[] = [...Object.values(APPLIANCE), ...Object.values(CLASSIC)];
/** All forms of the scenario. */
export const instanceTypes = FORMS;

export const isForm = (type: string | undefined): type is Form => FORMS.includes(type ?? '');
/** True while the VM in Azure replicates to its old site. */
export const goesHome = (form: Form): boolean => form === APPLIANCE.home || form === CLASSIC.home;
/** The forms of both directions with the same kind of server. */
export const pairOf = (form: Form): typeof APPLIANCE | typeof CLASSIC =>
  form === APPLIANCE.toAzure || form === APPLIANCE.home ? APPLIANCE : CLASSIC;
