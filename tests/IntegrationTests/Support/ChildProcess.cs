using System.Diagnostics;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>Starts programs that end with this process, however it ends: a test run that is killed leaves nothing behind.</summary>
internal static class ChildProcess
{
    // The program takes the shell's place, so its id, exit code and signals are its own. What it starts is in its group. The guard
    // reads from this process; the end of the input is the end of this process. By then the id may be another program's, so the
    // guard compares the time of birth. It keeps no pipe of the program's open.
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
