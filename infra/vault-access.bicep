// What Lifeboat may do in the vaults of a resource group that stands outside the subscriptions it manages: to operate and to read what is replicated there.
param name string
param principalId string
param vaultNames string[]

var agreement = loadJsonContent('agreement.json')
var reads = filter(agreement.armActions.read, action => startsWith(action, 'Microsoft.RecoveryServices/'))

resource vaults 'Microsoft.RecoveryServices/vaults@2025-02-01' existing = [for vaultName in vaultNames: { name: vaultName }]

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, name, 'lifeboat')
  properties: {
    // The name of a role is unique in the tenant, and groups of two subscriptions may have one name.
    roleName: 'Lifeboat ${name} (${subscription().subscriptionId} ${resourceGroup().name})'
    description: 'Drives Site Recovery: reads items and jobs, fails over, commits, reprotects.'
    type: 'CustomRole'
    permissions: [{ actions: union(agreement.armActions.operate, agreement.armActions.drill, agreement.armActions.groups, agreement.armActions.sites, reads), notActions: [] }]
    assignableScopes: [resourceGroup().id]
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (vaultName, i) in vaultNames: {
  scope: vaults[i]
  name: guid(vaults[i].id, principalId, role.id)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: role.id }
}]
