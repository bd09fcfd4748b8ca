// The configuration records of a vault: fabrics, containers, policies, mappings, recovery plans and
// alert settings.

/** A provider's own data of a prerequisite. Only that provider reads the data. */
export interface ProviderSettings {
  readonly instanceType: string;
  readonly [setting: string]: unknown;
}

export interface FabricRecord {
  readonly name: string;
  /** The kind of fabric in the provider's terms, and its location. */
  readonly settings: ProviderSettings;
}

export interface ContainerRecord {
  readonly name: string;
  readonly fabric: string;
  /** The container came with its fabric, under a name of the service. */
  readonly own?: { readonly friendlyName: string };
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

/** A storage classification of a fabric, and the classification that its replicas get. */
export interface StorageMappingRecord {
  readonly name: string;
  readonly fabric: string;
  readonly classification: string;
  readonly targetClassificationId: string;
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
  /** Keys of items: a plan keeps its machines when their ARM ids change. */
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
  /** The last run stays visible until the next run. */
  readonly run: PlanRun | null;
  /** The name of a row in the plan table. */
  readonly state: string;
  readonly lastTestFailover: number | null;
  readonly lastUnplannedFailover: number | null;
  readonly lastPlannedFailover?: number | null;
}

export interface Registration {
  readonly vault: string;
  readonly fabric: string;
  readonly since: number;
  /** The name of its services provider, if a client chose the name. */
  readonly provider?: string | undefined;
}

/** A server in a company's own site: a Hyper-V host, a vCenter, an appliance. */
export interface OnPremisesServer {
  readonly name: string;
  readonly id: string;
  readonly site: string;
  readonly kind: string;
  readonly cluster: string | null;
  readonly versions: Readonly<Record<string, string>>;
  /** What only the server's own provider reads. */
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
  /** The fabric that the server is registered in. */
  readonly registered: Registration | null;
  /** When the last registration ended. */
  readonly unregisteredAt?: number | undefined;
}

export interface OnPremisesDisk {
  readonly id: string;
  readonly name: string;
  readonly sizeInGb: number;
  readonly datastore?: string | undefined;
}

export interface OnPremisesNic {
  readonly id: string;
  readonly name: string;
  readonly network: string;
  readonly subnet: string;
  readonly address: string;
}

/** A virtual machine in a company's own site. */
export interface OnPremisesMachine {
  readonly id: string;
  readonly name: string;
  readonly site: string;
  /** The name of the server that runs the machine. */
  readonly server: string;
  readonly osType: 'Windows' | 'Linux';
  readonly os?: { readonly edition: string; readonly version: string };
  readonly generation: 'V1' | 'V2';
  readonly cpus: number;
  readonly memoryInMb: number;
  /** The first disk holds the operating system. */
  readonly disks: readonly OnPremisesDisk[];
  readonly nics: readonly OnPremisesNic[];
  readonly power: 'running' | 'off';
  readonly powerSince: number;
  /** What only the machine's own provider reads. */
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
}

/** A vCenter that was added to a configuration server. */
export interface VCenterRecord {
  readonly name: string;
  readonly fabric: string;
  readonly friendlyName: string;
  readonly address: string;
  readonly port: string;
  readonly processServerId: string;
  readonly accountId: string;
}

/** A certificate that somebody uploaded to a vault. A registration key contains it. */
export interface CertificateRecord {
  readonly name: string;
  readonly thumbprint: string;
  readonly validFrom: number;
  readonly validTo: number;
  readonly uploadedAt: number;
}

/** The key with which the vault's servers sign their messages. */
export interface ExtendedInfoRecord {
  readonly name: string;
  readonly integrityKey: string;
  readonly algorithm: string;
}

export interface ConfigurationRecords {
  fabric: FabricRecord;
  container: ContainerRecord;
  policy: PolicyRecord;
  containerMapping: ContainerMappingRecord;
  networkMapping: NetworkMappingRecord;
  storageMapping: StorageMappingRecord;
  alert: AlertRecord;
  plan: PlanRecord;
  vCenter: VCenterRecord;
  certificate: CertificateRecord;
  extendedInfo: ExtendedInfoRecord;
  server: OnPremisesServer;
  machine: OnPremisesMachine;
}

export type ConfigurationKind = keyof ConfigurationRecords;

/** Builds the key of a record among the records of its kind in a vault. */
export const configurationPath: {
  readonly [Kind in ConfigurationKind]: (thing: ConfigurationRecords[Kind]) => string;
} = {
  fabric: ({ name }) => name,
  container: ({ fabric, name }) => `${fabric}/${name}`,
  policy: ({ name }) => name,
  containerMapping: ({ from, name }) => `${from.fabric}/${from.container}/${name}`,
  networkMapping: ({ fabric, network, name }) => `${fabric}/${network}/${name}`,
  storageMapping: ({ fabric, classification, name }) => `${fabric}/${classification}/${name}`,
  alert: ({ name }) => name,
  plan: ({ name }) => name,
  vCenter: ({ fabric, name }) => `${fabric}/${name}`,
  certificate: ({ name }) => name,
  extendedInfo: ({ name }) => name,
  server: ({ name }) => name,
  machine: ({ id }) => id,
};

/** The path of a container in a vault. */
export interface ContainerPath {
  readonly fabric: string;
  readonly container: string;
}
