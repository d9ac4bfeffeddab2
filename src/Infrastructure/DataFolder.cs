namespace PayRecharge.Infrastructure;

/// <summary>Folders and files that only their owner may read: the database and the keys in them are secrets.</summary>
internal static class DataFolder
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder that only its owner may enter. One that exists stays as it is.</summary>
    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnersFolder);
    }

    /// <summary>Makes a folder that only its owner may enter, or closes one that exists to everybody else.</summary>
    public static void CreateClosed(string folder)
    {
        Create(folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, OwnersFolder);
    }

    /// <summary>Makes an empty file that only its owner may read, or closes one that exists to everybody else.</summary>
    public static void CreateFile(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnersFile;
        using (new FileStream(file, options)) { }
        Close(file);
    }

    /// <summary>Closes a file, if it exists, to everybody but its owner.</summary>
    public static void Close(string file)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(file)) File.SetUnixFileMode(file, OwnersFile);
    }
}
