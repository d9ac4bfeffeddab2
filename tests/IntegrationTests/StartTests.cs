using System.Diagnostics;
using Microsoft.Data.Sqlite;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Where a server starts: the working folder and the machine.</summary>
[TestFixture]
internal sealed class StartTests
{
    [Test]
    public async Task Started_from_anywhere_its_settings_pages_and_data_are_those_of_its_folder()
    {
        // As published: the program, its settings, and the pages next to it.
        var folder = Directory.CreateTempSubdirectory("payrecharge-start-").FullName;
        var port = FreePort.Next();
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory).Where(f => !Path.GetFileName(f).Contains("staticwebassets", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        // SQLite's native library.
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "runtimes"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        Directory.CreateDirectory(Path.Combine(folder, "wwwroot"));
        await File.WriteAllTextAsync(Path.Combine(folder, "wwwroot", "index.html"), "the page");
        var settings = Path.Combine(folder, "appsettings.json");
        await File.WriteAllTextAsync(settings, (await File.ReadAllTextAsync(settings)).Trim().TrimEnd('}') + $$""","urls":"http://127.0.0.1:{{port}}","Payjs":{"Mode":"Sandbox"} }""");
        var before = Directory.GetFileSystemEntries("/");

        using var server = ChildProcess.Start(new ProcessStartInfo("dotnet", [Path.Combine(folder, "PayRecharge.WebApi.dll")])
        {
            WorkingDirectory = "/",
            RedirectStandardOutput = true,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Production" },
        });
        var output = server.StandardOutput.ReadToEndAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.HoldsAsync(async () =>
        {
            Assert.That(server.HasExited, Is.False);
            try
            {
                return await http.GetStringAsync("/") == "the page";
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        Assert.That(Watches(server.Id), Is.Zero, "no file is watched");
        server.Kill();
        await server.WaitForExitAsync();

        Assert.That(File.Exists(Path.Combine(folder, "data", "payrecharge.db")));
        Assert.That(Directory.GetFiles(Path.Combine(folder, "data"), "admin-key*.txt"), Has.Length.EqualTo(1));
        Assert.That(Directory.GetFileSystemEntries("/").Except(before), Has.None.Contains("data").And.None.Contains("payrecharge"), "where it was started");
        Assert.That(await output, Does.Not.Contain("Executed DbCommand"));
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public async Task A_machine_without_time_zones_ends_the_start_with_a_sentence()
    {
        await using var database = await Database.CreateAsync(DatabaseKind.Sqlite);
        Assert.That(() => ServerProcess.StartAsync(database, new Uri("http://127.0.0.1:9"), ("TZDIR", "/nonexistent")),
            Throws.InvalidOperationException.With.Message.Contains("The time zone Asia/Shanghai").And.Message.Contains("tzdata"));
    }

    // Without write-ahead logging, readers and writers would block each other.
    [TestCase(false)]
    [TestCase(true)]
    public async Task Who_reads_SQLite_does_not_wait_for_who_writes(bool isCopy)
    {
        await using var database = await Database.CreateAsync(DatabaseKind.Sqlite);
        if (isCopy)
        {
            await TestServer.Start(database).DisposeAsync();
            await using var made = new SqliteConnection(database.ConnectionString);
            await made.OpenAsync();
            // The journal mode of a copy by VACUUM INTO.
            await ExecuteAsync(made, "PRAGMA journal_mode = DELETE");
        }
        await using var server = TestServer.Start(database);
        await server.SaveSettingsAsync(new { transportKey = "k12345" });
        await using var writer = new SqliteConnection(database.ConnectionString);
        await writer.OpenAsync();
        await ExecuteAsync(writer, "BEGIN EXCLUSIVE");
        Assert.That((string)(await server.PluginAsync("&action=payjs_kamis_list&key=k12345"))["result"]!, Is.EqualTo("OK"));
        await ExecuteAsync(writer, "ROLLBACK");
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string statement)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync();
    }

    private static int Watches(int process) => Directory.GetFiles($"/proc/{process}/fdinfo").Sum(file =>
    {
        try
        {
            return File.ReadAllLines(file).Count(line => line.StartsWith("inotify ", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // The descriptor was closed meanwhile.
            return 0;
        }
    });
}
