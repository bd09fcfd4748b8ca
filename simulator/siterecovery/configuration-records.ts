// What else stands in a vault beside items and jobs: fabrics, containers, policies, mappings,
// recovery plans, alert settings.

/** What a provider keeps of a thing of the ground. Only that provider looks inside. */
export interface ProviderSettings {
  readonly instanceType: string;
  readonly [setting: string]: unknown;
}

export interface FabricRecord {
  readonly name: string;
  /** What kind of fabric it is, as its provider calls it, and where. */
  readonly settings: ProviderSettings;
}

export interface ContainerRecord {
  readonly name: string;
  readonly fabric: string;
}

export interface PolicyRecord {
  readonly name: string;
  readonly settings: ProviderSettings;
}

export interface ContainerMappingRecord {
  readonly name: string;
  readonly from: ContainerPath;
  readonly to: ContainerPath;
  readonly policy: string;
  readonly settings: ProviderSettings;
}

export interface NetworkMappingRecord {
  readonly name: string;
  readonly fabric: string;
  readonly network: string;
  readonly primaryNetworkId: string;
  readonly recoveryNetworkId: string;
  readonly recoveryFabric: string;
  readonly settings: ProviderSettings;
}

export interface AlertRecord {
  readonly name: string;
  readonly sendToOwners: string;
  readonly customEmailAddresses: readonly string[];
  readonly locale: string;
}

export interface PlanAction {
  readonly actionName: string;
  readonly failoverTypes: readonly string[];
  readonly failoverDirections: readonly string[];
  readonly customDetails: { readonly instanceType: string; readonly [detail: string]: unknown };
}

export interface PlanGroup {
  readonly groupType: string;
  /** Keys of items: a plan stays with its machines when their ARM ids change. */
  readonly items: readonly string[];
  readonly startGroupActions: readonly PlanAction[];
  readonly endGroupActions: readonly PlanAction[];
}

export interface PlanRun {
  readonly scenarioName: string;
  readonly jobId: string;
  readonly startTime: number;
  readonly status: string;
  readonly description: string;
}

export interface PlanRecord {
  readonly name: string;
  readonly primaryFabricId: string;
  readonly recoveryFabricId: string;
  readonly failoverDeploymentModel: string;
  readonly groups: readonly PlanGroup[];
  /** The last run stays to be seen until the next. */
  readonly run: PlanRun | null;
  /** A row of the plans' table. */
  readonly state: string;
  readonly lastTestFailover: number | null;
  readonly lastUnplannedFailover: number | null;
}

export interface ConfigurationRecords {
  fabric: FabricRecord;
  container: ContainerRecord;
  policy: PolicyRecord;
  containerMapping: ContainerMappingRecord;
  networkMapping: NetworkMappingRecord;
  alert: AlertRecord;
  plan: PlanRecord;
}

export type ConfigurationKind = keyof ConfigurationRecords;

/** Where a thing of that kind is found among its like in a vault. */
export const configurationPath: {
  readonly [Kind in ConfigurationKind]: (thing: ConfigurationRecords[Kind]) => string;
} = {
  fabric: ({ name }) => name,
  container: ({ fabric, name }) => `${fabric}/${name}`,
  policy: ({ name }) => name,
  containerMapping: ({ from, name }) => `${from.fabric}/${from.container}/${name}`,
  networkMapping: ({ fabric, network, name }) => `${fabric}/${network}/${name}`,
  alert: ({ name }) => name,
  plan: ({ name }) => name,
};
/** A container by the names of its path. */

export interface ContainerPath {
  readonly fabric: string;
  readonly container: string;
}
