using System.Diagnostics;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>Starts programs that end with this process, even if it is killed: no test run leaves a process behind.</summary>
internal static class ChildProcess
{
    // The program replaces the shell, so its id, exit code and signals are its own. Its child processes are in its group. The guard
    // reads from this process; the end of the input means that this process has ended. By then another program may have the id, so the
    // guard compares the start time. The guard holds no pipe of the program open.
    private const string Guarded = """
        born() { sed 's/.*) //' /proc/$$/stat | cut -d ' ' -f 20; }
        exec 3<&0 </dev/null
        born=$(born)
        { cat; [ "$(born)" = "$born" ] && kill -s KILL -- -$$; } <&3 3<&- >/dev/null 2>&1 &
        exec "$@" 3<&-
        """;

    /// <summary>Starts a program. Its input is empty.</summary>
    /// <param name="start">The program and its arguments, as a list.</param>
    /// <exception cref="FileNotFoundException">The program is not installed.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        if (!IsInstalled(start.FileName)) throw new FileNotFoundException($"{start.FileName} is not installed.");
        string[] arguments = ["sh", "-c", Guarded, "sh", start.FileName, .. start.ArgumentList];
        start.FileName = "setsid";
        start.ArgumentList.Clear();
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.RedirectStandardInput = true;
        return Process.Start(start)!;
    }

    private static bool IsInstalled(string program) => File.Exists(program)
        || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
