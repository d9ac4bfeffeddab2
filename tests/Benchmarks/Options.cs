using System.Globalization;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.Benchmarks;

/// <summary>What to measure, and for how long.</summary>
internal sealed record Options
{
    public const string Usage = """
        usage: Benchmarks --server FOLDER [--docs FOLDER] [--full] [--only CALL]… [--db sqlite|mariadb] [--rounds N] [--seconds N] [--orders N]
               Benchmarks pure
          --server   the published product
          --docs     where benchmarks.md and benchmarks.svg go; without it they are not written
          --full     longer rounds, all calls, and what growth costs: up to 90 minutes
          --only     a call: check, check_id, kamis_list, notify, credit, cardtime, kamis; without one all of them but the last two, which cost what credit does
          --db       one database instead of both
          --rounds   how often each is measured (5); 0 only looks whether every answer is right
          --seconds  how long each time (2; with --full 3)
          --orders   orders in the database (200000)
          pure       the parts that touch neither network nor database, alone
        """;

    public required string Server { get; init; }

    public string? Docs { get; init; }

    public bool Full { get; init; }

    public IReadOnlyList<string> Only { get; init; } = [];

    public IReadOnlyList<DatabaseKind> Databases { get; init; } = [DatabaseKind.MariaDb, DatabaseKind.Sqlite];

    public int Rounds { get; init; } = 5;

    public int Seconds { get; init; }

    public long Orders { get; init; } = 200_000;

    public static Options? Read(string[] args)
    {
        var options = new Options { Server = "" };
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--full")
            {
                options = options with { Full = true };
                continue;
            }
            if (i + 1 == args.Length) return null;
            var value = args[i + 1];
            var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            var next = args[i++] switch
            {
                "--server" => options with { Server = Path.GetFullPath(value) },
                "--docs" => options with { Docs = Path.GetFullPath(value) },
                "--only" when Call.All.Any(c => c.Name == value) => options with { Only = [.. options.Only, value] },
                "--db" when value == "sqlite" => options with { Databases = [DatabaseKind.Sqlite] },
                "--db" when value == "mariadb" => options with { Databases = [DatabaseKind.MariaDb] },
                "--rounds" when isNumber => options with { Rounds = number },
                "--seconds" when isNumber && number > 0 => options with { Seconds = number },
                "--orders" when isNumber && number >= 1000 => options with { Orders = number },
                _ => null,
            };
            if (next is null) return null;
            options = next;
        }
        return options.Server.Length == 0 ? null : options.Seconds > 0 ? options : options with { Seconds = options.Full ? 3 : 2 };
    }
}
