namespace PayRecharge.Infrastructure;

/// <summary>Creates folders and files that only their owner can read: the database and the keys in them are secret.</summary>
internal static class DataFolder
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a folder that only its owner can enter. An existing folder is not changed.</summary>
    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnersFolder);
    }

    /// <summary>Creates a folder that only its owner can enter, or restricts an existing one to its owner.</summary>
    public static void CreateClosed(string folder)
    {
        Create(folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, OwnersFolder);
    }

    /// <summary>Creates an empty file that only its owner can read, or restricts an existing one to its owner.</summary>
    public static void CreateFile(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnersFile;
        using (new FileStream(file, options)) { }
        Close(file);
    }

    /// <summary>Restricts a file, if it exists, to its owner.</summary>
    public static void Close(string file)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(file)) File.SetUnixFileMode(file, OwnersFile);
    }
}
