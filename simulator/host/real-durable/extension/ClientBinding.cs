using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Extensions.DurableTask;
using Microsoft.Azure.WebJobs.Host.Config;
using Newtonsoft.Json.Linq;

namespace Lifeboat.DurableExtension;

/// <summary>Reads the address of the extension from the binding that a Node function would receive.</summary>
public static class ClientBinding
{
    static readonly TaskCompletionSource<string> Received = new();

    [FunctionName(nameof(ClientBinding)), NoAutomaticTrigger]
    public static void Receive([DurableClient] string binding) => Received.TrySetResult(binding);

    internal static async Task<string> RpcAddress(IJobHost host)
    {
        await host.CallAsync(nameof(ClientBinding));
        return JObject.Parse(await Received.Task).Value<string>("rpcBaseUrl")
            ?? throw new InvalidOperationException("The extension has no address for clients in other processes.");
    }
}

/// <summary>The extension wants an address for its links. Callers get their links from the Node host.</summary>
sealed class UnusedWebHooks : IWebHookProvider
{
    public Uri GetUrl(IExtensionConfigProvider extension) => new("http://127.0.0.1/runtime/webhooks/durabletask");
}
