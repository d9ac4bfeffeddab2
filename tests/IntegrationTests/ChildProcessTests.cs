using System.Diagnostics;
using System.Globalization;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>A program started by the tests keeps its own id, exit code and output, and ends with the tests.</summary>
[TestFixture]
internal sealed class ChildProcessTests
{
    [Test]
    public async Task A_program_and_what_it_started_end_with_a_test_process_that_is_killed()
    {
        // The host prints the shell's id. The shell prints the id of sleep to the same output.
        using var host = ChildProcess.Start(new ProcessStartInfo("dotnet", [typeof(TestHost).Assembly.Location, "sh", "-c", "sleep 1000 & echo $!; wait"])
        {
            RedirectStandardOutput = true,
        });
        var ids = new[] { await ReadIdAsync(host), await ReadIdAsync(host) };
        Assert.That(ids.Select(IsAlive), Is.All.True);
        host.Kill();
        await Eventually.HoldsAsync(() => Task.FromResult(!ids.Any(IsAlive)));
    }

    [Test]
    public async Task Its_id_its_exit_code_and_its_output_are_the_programs_own()
    {
        using var program = ChildProcess.Start(new ProcessStartInfo("sh", ["-c", "echo $$; cat; exit 7"]) { RedirectStandardOutput = true });
        Assert.That(await ReadIdAsync(program), Is.EqualTo(program.Id));
        await program.WaitForExitAsync();
        Assert.That(program.ExitCode, Is.EqualTo(7));
    }

    [Test]
    public void One_that_is_not_installed_is_named() =>
        Assert.That(() => ChildProcess.Start(new ProcessStartInfo("no-such-program")), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("no-such-program"));

    private static async Task<int> ReadIdAsync(Process process) =>
        int.Parse((await process.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);

    // A dead process that was not reaped stays in /proc as a zombie (Z).
    private static bool IsAlive(int id)
    {
        try
        {
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
