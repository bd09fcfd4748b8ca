namespace Lifeboat.DurableExtension;

/// <summary>The arguments of the process: --app URL --hub NAME --activities N --orchestrators N.</summary>
sealed record Settings(Uri App, string Hub, int Activities, int Orchestrators)
{
    /// <summary>The longest pause between two polls of a queue.</summary>
    public static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a message of a dead process stays hidden from the next process: the minimum that the
    /// extension accepts. On a busy machine a live process needs many seconds, and must not lose its message.
    /// </summary>
    public static readonly TimeSpan HiddenAfterDeath = TimeSpan.FromMinutes(1);

    public static Settings Read(string[] arguments)
    {
        var given = arguments.Chunk(2).ToDictionary(pair => pair[0], pair => pair[^1]);
        return new(
            new Uri(given["--app"]),
            given["--hub"],
            int.Parse(given["--activities"]),
            int.Parse(given["--orchestrators"]));
    }
}
