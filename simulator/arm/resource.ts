// A resource of Azure Resource Manager.

export type Properties = Readonly<Record<string, unknown>>;
/** A resource of Azure Resource Manager, in the shape of its body. */
export interface Resource {
  /** The id in its original casing. A lookup ignores case. */
  readonly id: string;
  readonly name: string;
  /** The type in Azure's spelling, for example Microsoft.Compute/virtualMachines. */
  readonly type: string;
  /** The region's short name. Subscriptions and tenants have no region. */
  readonly location?: string;
  readonly zones?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly sku?: Properties;
  readonly kind?: string;
  readonly identity?: Properties;
  readonly etag?: string;
  readonly managedBy?: string;
  readonly properties: Properties;
  /** State that no body shows: the power of a machine, the capacity of a placement group. */
  readonly hidden?: Properties;
}
