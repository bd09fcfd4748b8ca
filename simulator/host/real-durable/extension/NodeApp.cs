using System.Net;
using System.Net.Http.Json;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Lifeboat.DurableExtension;

/// <summary>The Node process that has loaded the app. Generated functions call the static members.</summary>
public static class NodeApp
{
    /// <summary>The function's own time limit ends a call, never this client.</summary>
    static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    internal static void ConnectTo(Uri address) => Client.BaseAddress = address;

    internal static async Task<FunctionNames> Functions() =>
        await Client.GetFromJsonAsync<FunctionNames>("/functions")
        ?? throw new InvalidOperationException("The app names no functions.");

    public static async Task<object?> RunOrchestrator(string name, string trigger)
    {
        var state = await Call("orchestrators", name, trigger);
        return state.Type == JTokenType.Null ? null : state.ToString(Formatting.None);
    }

    public static async Task<object?> RunActivity(string name, string? input)
    {
        var result = await Call("activities", name, input ?? "");
        return result.Type switch
        {
            JTokenType.Null => null,
            JTokenType.String => result.Value<string>(),
            _ => result,
        };
    }

    static async Task<JToken> Call(string kind, string name, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "text/plain");
        using var response = await Client.PostAsync($"/{kind}/{WebUtility.UrlEncode(name)}", content);
        var text = await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        var answer = Parse(text);
        // The extension recognises a worker's failure by the text of the Functions host.
        if (answer["error"] is { } error)
            throw new InvalidOperationException(
                $"Result: Failure\nException: {error["message"]}\nStack: {error["stack"]}");
        return answer["value"] ?? JValue.CreateNull();
    }

    /// <summary>Does not convert texts that look like dates: the app gets its texts back unchanged.</summary>
    static JObject Parse(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None };
        return JObject.Load(reader);
    }
}

sealed record FunctionNames(string[] Orchestrators, string[] Activities);
