// Microsoft's Durable extension as a separate process. It runs no function itself: it forwards every
// call to the Node process that has loaded the app. Prints one line of JSON when it takes work.
using System.Text.Json;
using Lifeboat.DurableExtension;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Extensions.DurableTask;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

var settings = Settings.Read(args);
NodeApp.ConnectTo(settings.App);
var functions = GeneratedFunctions.For(await NodeApp.Functions());

var host = new HostBuilder()
    .UseEnvironment("Development")
    .ConfigureAppConfiguration((_, configuration) => configuration.AddEnvironmentVariables())
    .ConfigureWebJobs(jobs =>
    {
        jobs.AddAzureStorageCoreServices();
        jobs.AddDurableTask(options =>
        {
            options.HubName = settings.Hub;
            options.MaxConcurrentActivityFunctions = settings.Activities;
            options.MaxConcurrentOrchestratorFunctions = settings.Orchestrators;
            options.StorageProvider["maxQueuePollingInterval"] = Settings.LongestPoll.ToString();
            options.StorageProvider["controlQueueVisibilityTimeout"] = Settings.HiddenAfterDeath.ToString();
            options.StorageProvider["workItemQueueVisibilityTimeout"] = Settings.HiddenAfterDeath.ToString();
            options.StorageProvider["partitionCount"] = 1;
        });
    })
    .ConfigureLogging(logging => logging
        .SetMinimumLevel(LogLevel.Warning)
        .AddSimpleConsole(console => console.SingleLine = true)
        // The only line on stdout contains the address of the extension.
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace))
    .ConfigureServices(services => services
        .AddSingleton<ITypeLocator>(new KnownTypes(functions, typeof(ClientBinding)))
        .AddSingleton<Microsoft.Azure.WebJobs.Host.Config.IWebHookProvider>(new UnusedWebHooks()))
    .Build();

EndWithTheParent();
await host.StartAsync();
var rpc = await ClientBinding.RpcAddress(host.Services.GetRequiredService<IJobHost>());
Console.WriteLine(JsonSerializer.Serialize(new { ready = new { rpc } }));
await host.WaitForShutdownAsync();

// Standard input ends when the parent process ends, with or without a crash.
static void EndWithTheParent() =>
    new Thread(() =>
    {
        using var input = Console.OpenStandardInput();
        while (input.ReadByte() >= 0) { }
        Environment.Exit(0);
    })
    { IsBackground = true }.Start();

sealed class KnownTypes(params Type[] types) : ITypeLocator
{
    public IReadOnlyList<Type> GetTypes() => types;
}
